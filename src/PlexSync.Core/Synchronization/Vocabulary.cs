using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>Why an item is left as it is although source and target differ.</summary>
[JsonConverter(typeof(WordConverter<SkipReason>))]
public enum SkipReason
{
    /// <summary>The target may not see the item: restricted, or its library is not shared.</summary>
    NotVisibleToTarget,

    /// <summary>Plex ignores positions up to 60 seconds.</summary>
    PositionTooShort,

    /// <summary>Plex ignores positions at or above the played threshold.</summary>
    PositionNearEnd,

    /// <summary>The position lies beyond the end of the item.</summary>
    PositionBeyondEnd,

    /// <summary>Plex takes no position without the length of the item, which the server does not know.</summary>
    NoDuration,

    /// <summary>The target's state is neither the one that the plan was made from nor the one that it leads to.</summary>
    ChangedSincePlanned,

    /// <summary>The target already is as planned.</summary>
    AlreadyDone,

    /// <summary>The target is playing the item right now; the next run looks again.</summary>
    PlayedNow,

    /// <summary>An earlier run wrote the same and the server did not keep it; tried again once the source changes, a week later, or on
    /// demand (<see cref="SyncOptions.RetryUnkept"/>).</summary>
    DidNotStick,

    /// <summary>No item of the target has an identifier in common with the source's.</summary>
    NoMatch,

    /// <summary>
    /// It cannot be told which item of the target is the same: identifiers contradict each other, or a show may be numbered differently.
    /// </summary>
    AmbiguousMatch,

    /// <summary>The server answers every user with the owner's rating: ratings of others are left alone.</summary>
    OwnersRating,

    /// <summary>
    /// The rating key belongs to another item than when the snapshot was taken, as after a server's database was rebuilt.
    /// </summary>
    NotSameItem,

    /// <summary>The server sent a view count, a position or a type that cannot be, so that nothing is known of the item's state.</summary>
    StateDamaged,

    /// <summary>Nothing is taken away: a copy of the work may be in a library of the other user that was not read.</summary>
    CopyNotRead,

    /// <summary>Nothing is taken away: the removal rests on a user on whom a run is unfinished.</summary>
    SourceUnsettled,

    /// <summary>
    /// Nothing is taken away: the user on whom the removal rests has watched, begun or lost the item since the plan was made.
    /// </summary>
    SourceChanged,

    /// <summary>Nothing is taken away: the state on which the removal rests could not be read again.</summary>
    SourceNotRead,

    /// <summary>Nothing is taken away by a run that read only what has changed: the next one that reads everything does it.</summary>
    WaitsForWholeReading,

    /// <summary>
    /// A history says how many percent were watched, and not where: imported only on demand
    /// (<see cref="ImportOptions.ApproximatePositions"/>).
    /// </summary>
    PositionApproximate,
}

/// <summary>How much a plan was made from.</summary>
[JsonConverter(typeof(WordConverter<ReadingScope>))]
public enum ReadingScope
{
    /// <summary>Everything in the libraries was read.</summary>
    Whole,

    /// <summary>Only what has changed since the last reading was read (<see cref="SyncOptions.Quick"/>).</summary>
    Changed,
}

/// <summary>Why a run with <see cref="SyncOptions.Quick"/> read everything.</summary>
[JsonConverter(typeof(WordConverter<WholeReadingReason>))]
public enum WholeReadingReason
{
    /// <summary>No reading of the same users and options is known.</summary>
    NothingKnown,

    /// <summary>The last whole reading is older than <see cref="SyncOptions.WholeReadingAfter"/>.</summary>
    TooOld,

    /// <summary>
    /// The options need every item: several servers, items matched by identifiers, a choice of items, changes that were not kept and are to
    /// be tried again, or, once something was viewed that another user does not see, a policy by which the first state stays.
    /// </summary>
    OptionsNeedAll,

    /// <summary>Other libraries are shared than when everything was read.</summary>
    LibrariesChanged,

    /// <summary>Another run on one of the users took something away since, did not do all it planned, or is unfinished.</summary>
    RunsSince,

    /// <summary>A clock was moved, the server does not tell the time, or it lists views in the future.</summary>
    ClockMoved,

    /// <summary>The server does not list the items in the order that was asked for, or what it sent is doubtful.</summary>
    OrderDoubtful,

    /// <summary>Items that had been viewed before are not listed as viewed any more.</summary>
    ViewsMissing,

    /// <summary>So much has changed that reading everything costs little more.</summary>
    TooManyChanges,
}

/// <summary>What a change does to an item.</summary>
[JsonConverter(typeof(WordConverter<ChangeAction>))]
public enum ChangeAction
{
    /// <summary>It becomes watched, and may get a position where it is being watched again.</summary>
    Watched,

    /// <summary>Its position changes.</summary>
    Progress,

    /// <summary>It becomes unwatched, or loses its position: a removal.</summary>
    Unwatched,

    /// <summary>Its rating changes, and nothing else.</summary>
    Rating,
}

/// <summary>What became of a planned change.</summary>
[JsonConverter(typeof(WordConverter<ChangeOutcome>))]
public enum ChangeOutcome
{
    /// <summary>Nothing was tried.</summary>
    Planned,

    /// <summary>The server has it.</summary>
    Applied,

    /// <summary>It is not there, or only in part: the server refused, or the run ended before it was done.</summary>
    Failed,

    /// <summary>It was sent, and nobody can tell whether it took effect.</summary>
    Unknown,

    /// <summary>It was left out on purpose; the reason says why.</summary>
    Skipped,
}
