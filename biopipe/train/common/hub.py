"""Checkpoints of the Hugging Face hub, by id."""

from pathlib import Path

from biopipe.errors import ConfigError

__all__ = ["hub_checkpoint"]

# A hub that answers does so at once; downloads themselves may take as long as they like.
_SECONDS_TO_ANSWER = 10.0


def hub_checkpoint(id: str) -> str:
    """`id` where the hub has it, else the folder of the checkpoint in the user's cache.

    The hub is asked once: transformers alone asks for each file again and again, which takes a
    minute where nothing answers. ConfigError where there is no such checkpoint, or the hub does not
    answer and the cache has none.
    """
    from huggingface_hub import HfApi, constants, errors, try_to_load_from_cache

    # That of the HTTP library, which is not the same in all versions of huggingface_hub.
    http_error: type[Exception] = vars(errors)["HTTPError"]

    try:
        HfApi().model_info(id, timeout=_SECONDS_TO_ANSWER)
    # First, for the former is itself one of the HTTP errors below.
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        raise ConfigError(
            f"There is no folder, no model of biopipe's and no model on the hub called '{id}', or "
            "it is not open to you; 'biopipe model list' names biopipe's."
        ) from error
    except (OSError, http_error) as error:
        cached = try_to_load_from_cache(id, "config.json")
        if isinstance(cached, str):
            return str(Path(cached).parent)
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ConfigError(
            f"There is no folder and no model of biopipe's called '{id}', and "
            f"{constants.ENDPOINT} cannot be asked for one ({reason}); give a folder or one of "
            "'biopipe model list'."
        ) from error
    return id
