from transforms.run_shared import MAX_RUNS, PROCESS, SharedByRun


def test_the_runs_of_a_process_share_nothing_and_old_ones_go():
    by_run = SharedByRun()
    first = by_run.of("one")
    assert by_run.of("one") is first
    assert by_run.of("two") is not first
    for number in range(MAX_RUNS):
        by_run.of(f"later {number}")
    assert by_run.of("one") is not first


def test_without_a_name_nothing_is_shared():
    assert PROCESS.of("") is not PROCESS.of("")
