using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>Why an item would be synchronised, or would not.</summary>
public sealed record ItemExplanation
{
    /// <summary>The copies the source has, each with the source's state; empty where the source has none.</summary>
    public required IReadOnlyList<MediaItem> Source { get; init => field = value ?? []; }

    /// <summary>The copies the target has, each with the target's state; empty where none was found.</summary>
    public required IReadOnlyList<MediaItem> Target { get; init => field = value ?? []; }

    /// <summary>How the two were found to be the same; null where they were not.</summary>
    public MatchKind? Match { get; init; }

    /// <summary>What comes of it.</summary>
    public required ExplanationVerdict Verdict { get; init; }

    /// <summary>
    /// Why nothing is done, or not all of it, where that is <see cref="ExplanationVerdict.Skipped"/> or a part of a change.
    /// </summary>
    public SkipReason? SkipReason { get; init; }

    /// <summary>What would be written to the target; each change says why.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; init => field = value ?? []; } = [];

    /// <summary>In two directions: what would be written to the source.</summary>
    public IReadOnlyList<PlannedChange> SourceChanges { get; init => field = value ?? []; } = [];

    /// <summary>The item, what comes of it, and why.</summary>
    public override string ToString() =>
        $"{(Target.Concat(Source).FirstOrDefault()?.Label ?? "nothing")}: {Words.ToWord(Verdict)}"
        + (SkipReason is { } reason ? $", {Words.ToWord(reason)}" : "");
}

/// <summary>How items were found to be the same.</summary>
[JsonConverter(typeof(WordConverter<MatchKind>))]
public enum MatchKind
{
    /// <summary>By rating key, on one server.</summary>
    Key,

    /// <summary>By an identifier of another catalogue: imdb, tmdb, tvdb, mbid.</summary>
    ExternalId,

    /// <summary>By Plex's own identifier.</summary>
    PlexGuid,

    /// <summary>By show, season and episode, where everything else known of the show agrees with that.</summary>
    Number,
}

/// <summary>What comes of an item.</summary>
[JsonConverter(typeof(WordConverter<ExplanationVerdict>))]
public enum ExplanationVerdict
{
    /// <summary>Something would be written.</summary>
    Changes,

    /// <summary>Nothing is to be done: source and target have the same.</summary>
    Equal,

    /// <summary>Source and target differ, and the policy leaves that as it is.</summary>
    LeftByPolicy,

    /// <summary>Neither source nor target has watched or begun it.</summary>
    NothingSeen,

    /// <summary>
    /// It is not among what was asked for: <see cref="SyncOptions.Labels"/>, <see cref="SyncOptions.Collections"/>,
    /// <see cref="SyncOptions.Since"/>, <see cref="SyncOptions.Only"/>.
    /// </summary>
    NotAskedFor,

    /// <summary>It is left out; <see cref="ItemExplanation.SkipReason"/> says why.</summary>
    Skipped,

    /// <summary>A library could not be read whole, so nothing is known of it.</summary>
    NotRead,
}
