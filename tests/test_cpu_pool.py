import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from schemas.outcome import OutcomeKind, Problem
from transforms.cpu_pool import QUEUED_PER_PROCESS, CpuPool, PoolConfig, TaskWindow, shared_pool

ROOT = Path(__file__).parent.parent
MIB = 1024**2
CONFIG = PoolConfig(processes=2, task_seconds=1.0, memory_bytes=4096 * MIB)


@pytest.fixture(scope="module")
def pool():
    pool = CpuPool(CONFIG)
    pool.wait_until_warm()
    yield pool
    pool.close()


@pytest.fixture
def window(pool):
    return TaskWindow(pool)


def run_all(window, tasks):
    """Tag to result of all ``tasks``, each (tag, function, arguments)."""
    results = []
    for tag, function, *arguments in tasks:
        results += window.submit(tag, function, *arguments)
    results += window.drain()
    assert len(results) == len(tasks)
    return dict(results)


NEIGHBOURS = [(number, int, str(number)) for number in range(6)]


def test_results_come_back_with_their_tags(window):
    assert run_all(window, NEIGHBOURS) == {number: number for number in range(6)}


def test_a_task_that_takes_too_long_is_a_timeout(window):
    started = time.monotonic()
    results = run_all(window, [*NEIGHBOURS[:3], ("slow", time.sleep, 60), *NEIGHBOURS[3:]])
    assert time.monotonic() - started < 30
    slow = results.pop("slow")
    assert slow == Problem(OutcomeKind.TIMEOUT, "the work took more than 1 s", error_type="Timeout")
    assert results == {number: number for number in range(6)}, "neighbours come through"


def test_a_process_that_dies_is_a_crash(window):
    results = run_all(window, [*NEIGHBOURS[:3], ("dead", os.abort), *NEIGHBOURS[3:]])
    dead = results.pop("dead")
    assert (dead.kind, dead.error_type) == (OutcomeKind.CRASHED, "ProcessExpired")
    assert "died" in dead.detail
    assert results == {number: number for number in range(6)}, "neighbours come through"


def test_a_task_that_wants_too_much_memory_is_a_crash(window):
    results = run_all(window, [*NEIGHBOURS[:3], ("big", bytes, 1 << 42), *NEIGHBOURS[3:]])
    big = results.pop("big")
    assert big == Problem(OutcomeKind.CRASHED, "the work needed more than 4096 MiB", error_type="MemoryError")
    assert results == {number: number for number in range(6)}, "neighbours come through"


def test_the_memory_limit_is_that_of_the_configuration(window):
    import resource

    assert run_all(window, [("limit", resource.getrlimit, resource.RLIMIT_AS)])["limit"] == (CONFIG.memory_bytes,) * 2


def test_a_bug_is_raised_where_the_result_is_taken(window):
    with pytest.raises(ValueError, match="no number"):
        run_all(window, [("bug", int, "no number")])
    assert list(window.drain()) == []


def test_an_error_of_the_system_is_no_timeout_of_the_task(window):
    with pytest.raises(FileNotFoundError):
        run_all(window, [("bug", os.stat, "/nowhere/at/all")])


def test_no_more_is_in_flight_than_the_window_holds(pool):
    limit = CONFIG.size * QUEUED_PER_PROCESS
    in_flight, most = 0, 0
    window = TaskWindow(pool)
    for number in range(limit * 3):
        ended = list(window.submit(number, time.sleep, 0.02))
        in_flight += 1 - len(ended)
        most = max(most, in_flight)
    assert most <= limit
    assert len(list(window.drain())) == in_flight


def test_nothing_submitted_is_nothing_to_drain(window):
    assert list(window.drain()) == []


def test_processes_have_one_thread_of_blas(window):
    assert run_all(window, [("threads", os.getenv, "OMP_NUM_THREADS")]) == {"threads": "1"}


def test_processes_come_with_what_their_server_has_loaded(window):
    assert run_all(window, [("frozen", gc.get_freeze_count)])["frozen"] > 100_000


def test_work_runs_in_other_processes(window):
    pids = set(run_all(window, [(number, os.getpid) for number in range(20)]).values())
    assert os.getpid() not in pids
    assert len(pids) <= CONFIG.size


def test_a_pool_has_a_process_for_each_core_unless_told():
    assert PoolConfig(processes=3).size == 3
    assert PoolConfig().size == len(os.sched_getaffinity(0))


def test_one_pool_is_shared_by_every_step():
    config = PoolConfig(processes=1, task_seconds=7)
    assert shared_pool(config) is shared_pool(PoolConfig(processes=1, task_seconds=7))
    assert shared_pool(config) is not shared_pool(PoolConfig(processes=2, task_seconds=7))


@pytest.mark.parametrize("processes", [1, 2])
def test_a_missing_model_is_said_at_once(processes):
    pool = CpuPool(PoolConfig(models=(("en", "no_such_model"),), processes=processes))
    started = time.monotonic()
    try:
        with pytest.raises(OSError, match="no_such_model"):
            pool.wait_until_warm()
    finally:
        pool.close()
    assert time.monotonic() - started < 20


ORPHANS = """
import os, time
from transforms.cpu_pool import CpuPool, PoolConfig

if __name__ == "__main__":
    pool = CpuPool(PoolConfig(processes=1))
    print(pool.run(os.getpid).result(), pool.run(os.getppid).result(), flush=True)
    pool.run(time.sleep, 60)
    time.sleep(60)
"""


def is_alive(pid):
    """Whether a process runs; one that has ended and that nobody waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")
def test_a_run_that_is_killed_leaves_no_process_behind(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(ORPHANS, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment) as parent:
        child, server = map(int, parent.stdout.readline().split())
        assert is_alive(child)
        assert is_alive(server)
        parent.send_signal(signal.SIGKILL)
        parent.wait(timeout=10)
    deadline = time.monotonic() + 10
    while (is_alive(child) or is_alive(server)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_alive(child)
    assert not is_alive(server)


INTERRUPTED = """
import os, signal
from transforms import fork_server

if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: None)
    context = fork_server.start()
    os.killpg(0, signal.SIGINT)  # as a terminal does, while the server loads
    child = context.Process(target=os.getpid)
    child.start()
    child.join()
    assert child.exitcode == 0
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
"""


def test_a_server_that_is_interrupted_while_it_loads_says_nothing(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(INTERRUPTED, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, start_new_session=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


SPAWNED = """
import os
from transforms.cpu_pool import CpuPool, PoolConfig

if __name__ == "__main__":
    pool = CpuPool(PoolConfig(processes=1))
    assert pool.run(os.getppid).result() == os.getpid()
    pool.close()
"""


def test_where_no_socket_can_be_made_processes_are_spawned(tmp_path):
    script, folder = tmp_path / "run.py", tmp_path / ("long" * 25)
    script.write_text(SPAWNED, encoding="utf-8")
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
