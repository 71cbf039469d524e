"""The promises of the port ``Telephony``, one scenario each.

Run on the fake with virtual time and on the real Asterisk with real phones: what the fake says
is worth as much as these. Each scenario hangs up what it made; ``nothing_left`` checks it.
"""

from scenarios_bridging import (
    agent_hangs_up,
    bridge_behind_a_prompt_delays_nobody_else,
    bridge_behind_prompts_for_too_long_fails,
    bridge_while_hold_music_plays,
    bridge_with_a_gone_leg_fails,
    destroyed_bridge_leaves_its_legs,
    dialled_and_bridged,
    hold_music_leaves_the_leg_usable,
    joining_over_the_websocket_delays_everybody,
    playback_right_behind_a_destroyed_bridge_is_heard,
)
from scenarios_legs import (
    answered_once,
    answered_twice,
    call_of_a_device_carries_the_device,
    command_on_a_gone_leg_fails,
    dial_released_at_once,
    dial_with_a_used_id_is_refused,
    hang_up_is_told_at_once,
    rejected_dial_ends_the_leg,
    release_of_an_ended_leg_is_silent,
    ringing_leg_is_released,
    unanswered_caller_hangs_up,
    unanswered_caller_is_released,
    unregistered_dial_ends_the_leg,
)
from scenarios_outside import (
    busy_outside_ends_the_leg,
    number_that_is_not_allowed_is_never_dialled,
    outside_answers_and_is_bridged,
    outside_with_a_used_id_is_refused,
    ringing_outside_is_released,
)
from scenarios_playing import (
    digits_cut_a_prompt,
    hang_up_fails_all_playbacks_in_order,
    list_is_one_playback,
    missing_prompt_fails,
    missing_prompt_in_a_list_is_passed_over,
    playback_asked_for_as_the_leg_ends,
    playbacks_queue,
    played_to_the_end,
    release_fails_a_playback_first,
    stopped_at_once,
    stopped_twice,
    stopped_while_queued,
)
from scenarios_recording import (
    hang_up_in_the_beep_records_nothing,
    hang_up_leaves_what_was_said,
    prompt_after_a_recording_is_heard,
    recorded_till_silence,
    recorded_till_the_key,
    recorded_till_the_longest_time,
    recording_with_a_used_id_is_refused,
    release_ends_a_recording_first,
    silent_recording_is_empty,
    stopped_recording_is_told_once,
)
from scenarios_waiting import (
    announcement_between_hold_music_is_heard,
    bridge_ends_hold_music,
    hold_music_asked_for_behind_a_prompt_follows_it,
    prompt_over_hold_music_ends_it,
)
from telephony_steps import Scenario

PROMISES: tuple[Scenario, ...] = (
    played_to_the_end,
    list_is_one_playback,
    playbacks_queue,
    stopped_at_once,
    stopped_twice,
    stopped_while_queued,
    missing_prompt_fails,
    missing_prompt_in_a_list_is_passed_over,
    hang_up_fails_all_playbacks_in_order,
    release_fails_a_playback_first,
    playback_asked_for_as_the_leg_ends,
    digits_cut_a_prompt,
    answered_once,
    answered_twice,
    call_of_a_device_carries_the_device,
    unanswered_caller_hangs_up,
    unanswered_caller_is_released,
    rejected_dial_ends_the_leg,
    unregistered_dial_ends_the_leg,
    ringing_leg_is_released,
    dial_released_at_once,
    dial_with_a_used_id_is_refused,
    hang_up_is_told_at_once,
    release_of_an_ended_leg_is_silent,
    command_on_a_gone_leg_fails,
    dialled_and_bridged,
    agent_hangs_up,
    bridge_behind_a_prompt_delays_nobody_else,
    bridge_behind_prompts_for_too_long_fails,
    bridge_with_a_gone_leg_fails,
    hold_music_leaves_the_leg_usable,
    announcement_between_hold_music_is_heard,
    prompt_over_hold_music_ends_it,
    hold_music_asked_for_behind_a_prompt_follows_it,
    bridge_ends_hold_music,
    bridge_while_hold_music_plays,
    destroyed_bridge_leaves_its_legs,
    playback_right_behind_a_destroyed_bridge_is_heard,
    recorded_till_the_key,
    recorded_till_silence,
    recorded_till_the_longest_time,
    silent_recording_is_empty,
    hang_up_leaves_what_was_said,
    hang_up_in_the_beep_records_nothing,
    release_ends_a_recording_first,
    stopped_recording_is_told_once,
    recording_with_a_used_id_is_refused,
    prompt_after_a_recording_is_heard,
    outside_answers_and_is_bridged,
    busy_outside_ends_the_leg,
    ringing_outside_is_released,
    number_that_is_not_allowed_is_never_dialled,
    outside_with_a_used_id_is_refused,
)
"""What holds on any implementation that is right."""

MISTAKES: tuple[Scenario, ...] = (joining_over_the_websocket_delays_everybody,)
"""What holds when joining commands travel the WebSocket: the reason why they must not."""
