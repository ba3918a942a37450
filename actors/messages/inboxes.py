"""What each actor may find in its inbox."""

from __future__ import annotations

from typing import TypeAlias

from actors.address import DeadlineReached
from actors.messages.buffer import ChainEnded, CloseRing, FramesAdded, OpenRing, RingDrained
from actors.messages.commands import (
    AddSongs,
    AddTag,
    ChangeOptions,
    ChangePassage,
    ClearError,
    ClearQueue,
    ClearTags,
    DeleteId,
    DeleteRange,
    MoveId,
    MoveRange,
    PlayId,
    PlayPosition,
    ResumePlaying,
    SaveNow,
    SeekCurrent,
    SeekId,
    SeekPosition,
    SetPause,
    SetPriority,
    SetPriorityOfIds,
    SetRange,
    SetSetting,
    ShuffleRange,
    SkipNext,
    SkipPrevious,
    StopPlaying,
    SwapIds,
    SwapPositions,
    SwitchOutput,
    UseDevice,
)
from actors.messages.decoder import (
    DecodeFailed,
    Enqueued,
    GrantSpent,
    PlanChanged,
    QueueAdvanced,
    RequestDecode,
    RingLow,
    RingOpened,
    SourceOpened,
    WorkerExited,
)
from actors.messages.events import (
    CrossfadeStarted,
    EndpointDiscovered,
    MusicLost,
    MusicRestored,
    OutputLost,
    OutputRestored,
    PassageCompleted,
    PassageStarted,
    PeerRestarted,
    PositionUpdated,
    SideOutputFailed,
    SideOutputRestored,
    StateSaved,
    StorageFailed,
    StorageRecovered,
    StreamLimitChanged,
    UnderrunDetected,
    XrunDetected,
)
from actors.messages.everybody import GiveSignOfLife, SettingChanged
from actors.messages.mixer import (
    BufferThresholdReached,
    ChooseDevice,
    DeviceLost,
    DeviceStumbled,
    EnableOutput,
    OutputOpened,
    Pause,
    PeriodPlayed,
    StartCurrent,
    Stop,
)
from actors.messages.storage import Commit, EditSticker, Flush, SaveChange, SaveMeasured
from actors.messages.watchdog import (
    GetBufferSnapshot,
    GetDecoderSnapshot,
    GetMixerSnapshot,
    GetQueueSnapshot,
    PlayerStateChanged,
    RunRound,
    SignOfLife,
    StartMixer,
)

QueueCommand: TypeAlias = (
    AddSongs
    | ClearQueue
    | DeleteRange
    | DeleteId
    | MoveRange
    | MoveId
    | SwapPositions
    | SwapIds
    | ShuffleRange
    | SetPriority
    | SetPriorityOfIds
    | SetRange
    | AddTag
    | ClearTags
    | ChangePassage
    | PlayPosition
    | PlayId
    | SetPause
    | StopPlaying
    | SkipNext
    | SkipPrevious
    | SeekPosition
    | SeekId
    | SeekCurrent
    | ChangeOptions
    | ClearError
    | SwitchOutput
    | UseDevice
    | SetSetting
)
EngineEvent: TypeAlias = (
    PassageStarted
    | CrossfadeStarted
    | PassageCompleted
    | PositionUpdated
    | UnderrunDetected
    | XrunDetected
    | OutputLost
    | OutputRestored
    | SideOutputFailed
    | SideOutputRestored
    | MusicLost
    | MusicRestored
    | EndpointDiscovered
    | StreamLimitChanged
    | DecodeFailed
    | StorageFailed
    | StorageRecovered
    | StateSaved
    | PeerRestarted
)
QueueInbox: TypeAlias = (
    QueueCommand
    | EngineEvent
    | ResumePlaying
    | SaveNow
    | GetQueueSnapshot
    | GiveSignOfLife
    | DeadlineReached
)
DecoderInbox: TypeAlias = (
    Enqueued
    | QueueAdvanced
    | PlanChanged
    | RequestDecode
    | RingOpened
    | RingLow
    | SourceOpened
    | GrantSpent
    | DecodeFailed
    | WorkerExited
    | SettingChanged
    | GetDecoderSnapshot
    | GiveSignOfLife
    | DeadlineReached
)
BufferInbox: TypeAlias = (
    OpenRing
    | CloseRing
    | FramesAdded
    | ChainEnded
    | RingDrained
    | DecodeFailed
    | SettingChanged
    | GetBufferSnapshot
    | GiveSignOfLife
)
MixerInbox: TypeAlias = (
    StartCurrent
    | PlanChanged
    | Pause
    | Stop
    | RingOpened
    | BufferThresholdReached
    | ChooseDevice
    | EnableOutput
    | OutputOpened
    | PeriodPlayed
    | DeviceStumbled
    | DeviceLost
    | StartMixer
    | SettingChanged
    | GetMixerSnapshot
    | GiveSignOfLife
    | DeadlineReached
)
StorageInbox: TypeAlias = (
    SaveChange | SaveMeasured | EditSticker | Flush | Commit | GiveSignOfLife | DeadlineReached
)
WatchdogInbox: TypeAlias = (
    PlayerStateChanged | SettingChanged | SignOfLife | RunRound | GiveSignOfLife | DeadlineReached
)
