from __future__ import annotations

from actors.telemetry import Count, EventPath, Telemetry
from wkmp.metrics import Metrics


def lines(metrics: Metrics) -> list[str]:
    return metrics.text().decode().splitlines()


def test_metrics_are_what_actors_count_with() -> None:
    telemetry: Telemetry = Metrics("1")
    telemetry.count(Count.XRUNS)


def test_an_intervention_shows_with_both_labels() -> None:
    metrics = Metrics("1")
    metrics.intervention("missing_next_buffer", 17)
    metrics.intervention("missing_next_buffer", 17)
    metrics.intervention("mixer_not_started", 3)
    shown = [line for line in lines(metrics) if line.startswith("watchdog_interventions_total{")]
    labels = 'watchdog_interventions_total{{intervention_type="{}",queue_entry_id="{}"}} {}'
    assert shown == [
        labels.format("missing_next_buffer", 17, 2.0),
        labels.format("mixer_not_started", 3, 1.0),
    ]


def test_at_most_a_hundred_entries_have_their_own_label() -> None:
    metrics = Metrics("1")
    for entry in range(150):
        metrics.intervention("mixer_not_started", entry)
    shown = [line for line in lines(metrics) if line.startswith("watchdog_interventions_total{")]
    assert len(shown) == 101
    assert sum(float(line.rpartition(" ")[2]) for line in shown) == 150
    assert any('queue_entry_id="other"} 50.0' in line for line in shown)
    assert any('queue_entry_id="149"} 1.0' in line for line in shown)
    assert not any('queue_entry_id="49"' in line for line in shown)


def test_no_series_tells_when_it_was_born() -> None:
    metrics = Metrics("1")
    metrics.intervention("mixer_not_started", 1)
    metrics.latency(EventPath.ENQUEUE_TO_DECODE, 0.0001)
    metrics.command_took("status", 0.001)
    assert not any("_created" in line for line in lines(metrics))


def test_every_event_path_has_a_histogram_from_the_start() -> None:
    shown = lines(Metrics("1"))
    for path in EventPath:
        assert f'wkmp_event_latency_seconds_count{{path="{path.value}"}} 0.0' in shown


def test_a_latency_falls_into_its_bucket() -> None:
    metrics = Metrics("1")
    metrics.latency(EventPath.PLAY_TO_START, 0.00015)
    shown = lines(metrics)
    bucket = 'wkmp_event_latency_seconds_bucket{{le="{}",path="play_to_start"}} {}'
    assert bucket.format("0.0001", "0.0") in shown
    assert bucket.format("0.0002", "1.0") in shown


def test_everything_that_is_counted_is_shown_at_zero_and_grows() -> None:
    metrics = Metrics("1")
    for what in Count:
        assert f"wkmp_{what.value}_total 0.0" in lines(metrics)
        metrics.count(what, 3)
        assert f"wkmp_{what.value}_total 3.0" in lines(metrics)


def test_actors_commands_clients_and_rings_are_shown() -> None:
    metrics = Metrics("1.2.3")
    metrics.actor_restarted("mixer")
    metrics.command_took("status", 0.25)
    metrics.command_refused(50)
    metrics.watch_clients(lambda: 7)
    metrics.watch_rings(lambda: {"current": 14.5, "next": 3.0})
    metrics.round_took(0.0004)
    metrics.decode_speed(300.0)
    shown = lines(metrics)
    for line in (
        'actor_restarts_total{actor="mixer"} 1.0',
        'wkmp_command_seconds_count{command="status"} 1.0',
        'wkmp_command_seconds_sum{command="status"} 0.25',
        'wkmp_command_errors_total{code="50"} 1.0',
        "wkmp_clients 7.0",
        'wkmp_ring_level_seconds{place="current"} 14.5',
        'wkmp_ring_level_seconds{place="next"} 3.0',
        "wkmp_watchdog_round_seconds_count 1.0",
        "wkmp_decode_speed_count 1.0",
        'wkmp_info{version="1.2.3"} 1.0',
    ):
        assert line in shown


def test_files_of_an_analysis_are_counted_by_their_state() -> None:
    metrics = Metrics("1")
    metrics.watch_analysis(lambda: {"measured": 3.0, "waiting": 2.0})
    found = lines(metrics)
    assert 'wkmp_analysis_files{state="measured"} 3.0' in found
    assert 'wkmp_analysis_files{state="waiting"} 2.0' in found


def test_two_daemons_in_one_process_do_not_share_counts() -> None:
    one, other = Metrics("1"), Metrics("1")
    one.count(Count.XRUNS)
    assert "wkmp_xruns_total 0.0" in lines(other)
