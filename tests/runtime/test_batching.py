from hypothesis import given
from hypothesis import strategies as st

from biopipe.runtime.batching import Plan, plan_for, planned_batches, token_batches
from biopipe.runtime.device import Device, parse_device

LENGTHS = st.lists(st.integers(1, 512), max_size=200)
PLANS = st.builds(
    Plan,
    tokens=st.integers(1, 70_000),
    step=st.sampled_from([1, 8, 32, 64]),
    enough=st.integers(0, 20_000),
    even_rows=st.booleans(),
)


@given(st.lists(st.integers(0, 600)), st.integers(1, 5000))
def test_batches_hold_every_index_once_within_the_budget(lengths: list[int], budget: int) -> None:
    batches = list(token_batches(lengths, budget))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(lengths[i] for i in batch) * len(batch) <= budget


def test_sorted_by_length_longest_first() -> None:
    assert list(token_batches([3, 9, 9, 1], 18)) == [[1, 2], [0, 3]]


@given(LENGTHS, PLANS)
def test_planned_batches_hold_every_window_once_within_the_budget(
    lengths: list[int], plan: Plan
) -> None:
    batches = list(planned_batches(lengths, plan, most=512))
    assert sorted(i for batch in batches for i in batch.windows) == list(range(len(lengths)))
    for batch in batches:
        assert max(lengths[i] for i in batch.windows) <= batch.length <= 512
        assert batch.length % plan.step == 0 or batch.length == 512
        assert len(batch.windows) <= batch.rows
        assert batch.rows == 1 or batch.rows * batch.length <= plan.tokens


@given(st.permutations([10, 40, 40, 200, 200, 300, 511, 512, 512]), PLANS)
def test_the_batches_depend_on_the_lengths_not_on_their_order(
    lengths: list[int], plan: Plan
) -> None:
    def shapes(each: list[int]) -> list[tuple[int, int, list[int]]]:
        batches = planned_batches(each, plan, most=512)
        return [(batch.rows, batch.length, [each[i] for i in batch.windows]) for batch in batches]

    assert shapes(lengths) == shapes(sorted(lengths))


@given(LENGTHS)
def test_on_the_cpu_a_window_is_alone_and_not_padded(lengths: list[int]) -> None:
    for batch in planned_batches(lengths, plan_for(Device()), most=512):
        assert batch.rows == 1
        assert batch.length == lengths[batch.windows[0]]


def test_shorter_windows_start_a_batch_once_there_is_enough_to_do() -> None:
    lengths = [100, 100, 60, 60, 60, 30]
    packed = planned_batches(lengths, Plan(tokens=10_000, step=32, enough=10_000), most=512)
    assert [(batch.rows, batch.length) for batch in packed] == [(6, 128)]
    apart = planned_batches(lengths, Plan(tokens=10_000, step=32, enough=150), most=512)
    assert [(batch.rows, batch.length) for batch in apart] == [(2, 128), (3, 64), (1, 32)]


@given(LENGTHS)
def test_with_even_rows_few_shapes_come_again_and_again(lengths: list[int]) -> None:
    plan = Plan(tokens=8192, step=32, enough=2048, even_rows=True)
    for batch in planned_batches(lengths, plan, most=512):
        assert batch.rows in {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256}


def test_a_card_of_more_memory_takes_larger_batches_up_to_a_limit() -> None:
    cuda = Device("cuda")
    assert [plan_for(cuda, memory=gb << 30).tokens for gb in (4, 8, 16, 80)] == [
        16384,
        32768,
        65536,
        65536,
    ]
    assert plan_for(cuda, memory=0).tokens == 32768
    assert plan_for(parse_device("cuda,tokens=999"), memory=80 << 30).tokens == 999
    assert [plan_for(parse_device(d)).even_rows for d in ("cuda", "cuda,graphs", "tensorrt")] == [
        False,
        True,
        True,
    ]
