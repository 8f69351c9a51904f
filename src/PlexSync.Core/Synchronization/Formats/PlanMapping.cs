using System.Globalization;
using System.Text.Json;

namespace PlexSync;

/// <summary>Maps plans, items and states to what they look like on disk, and back. What makes no sense is refused.</summary>
internal static class PlanMapping
{
    private const long LongestMilliseconds = 10L * 366 * 24 * 3600 * 1000;

    /// <summary>The words of every combination, made once: each change has one.</summary>
    private static readonly string[][] LostWords = Array.ConvertAll(
        (LostState[])[LostState.None, LostState.LastViewedAt, LostState.ViewCount, LostState.LastViewedAt | LostState.ViewCount],
        static lost => Enum.GetValues<LostState>().Where(part => part is not LostState.None && lost.HasFlag(part))
            .Select(Words.ToWord).ToArray());

    public static WireServerReference ToWire(ServerReference server) =>
        new() { MachineIdentifier = $"{server.MachineIdentifier}", Name = server.Name, Version = server.Version };

    public static WireUserReference ToWire(UserReference user) => new() { Id = user.Id.Value, Title = user.Title };

    public static WireLibrary ToWire(LibraryComparison comparison) => WithLibrary(
        new WireLibrary
        {
            SourceItems = comparison.SourceItems,
            TargetItems = comparison.TargetItems,
            Error = ToWire(comparison.Error),
        },
        comparison.Library);

    public static T WithLibrary<T>(T wire, Library library)
        where T : WireLibraryName
    {
        wire.Key = $"{library.Key}";
        wire.Title = library.Title;
        wire.Type = library.Type;
        return wire;
    }

    public static T WithHeader<T>(T wire, SyncPlan plan)
        where T : WireHeader
    {
        wire.Server = ToWire(plan.Server);
        wire.Source = ToWire(plan.Source);
        wire.MoreSources = plan.MoreSources.Count > 0 ? plan.MoreSources.Select(ToWire) : null;
        wire.SourceServer = plan.SourceServer is { } from ? ToWire(from) : null;
        wire.Target = ToWire(plan.Target);
        wire.Identity = Words.ToWord(plan.Identity);
        wire.Policy = plan.Policy;
        wire.Undoes = plan.Undoes?.ToString();
        wire.Libraries = plan.Libraries.Select(ToWire);
        return wire;
    }

    public static T WithItem<T>(T wire, MediaItem item, LibraryKey library)
        where T : WireSubject
    {
        wire.RatingKey = item.RatingKey.ToString();
        wire.Library = library.ToString();
        wire.Type = item.Type.ToString();
        wire.Title = item.Title;
        wire.Show = item.ShowTitle;
        wire.Season = item.SeasonNumber;
        wire.Episode = item.EpisodeNumber;
        wire.Year = item.Year;
        wire.DurationMs = (long?)item.Duration?.TotalMilliseconds;
        return wire;
    }

    public static WireFailure? ToWire(PlexException? error) =>
        error is null ? null : new() { Kind = Words.ToWord(error.Kind), Message = error.Message };

    public static WireChange ToWire(PlannedChange change) => WithItem(
        new WireChange
        {
            OriginallyAvailableAt = DayOf(change.Item),
            Action = Words.ToWord(change.Action),
            Before = new()
            {
                ViewCount = change.Before.ViewCount,
                PositionMs = Milliseconds(change.Before.Position),
                LastViewedAt = change.Before.LastViewedAt?.UtcDateTime,
                UserRating = change.Before.UserRating,
            },
            After = ToWire(change.After, change.IsRating),
            Reason = change.Reason.ToString(),
            SourceViewedAt = change.SourceViewedAt?.UtcDateTime,
            Removal = change.IsRemoval ? true : null,
            Lost = ToWords(change.Lost),
            RestsOn = change.Basis is { } basis ? ToWire(basis, change.IsRating) : null,
        },
        change.Item,
        change.Library);

    private static WireBasis ToWire(RemovalBasis basis, bool isRating) => new()
    {
        Server = $"{basis.User.Server}",
        User = basis.User.User.Value,
        Items = basis.Items.Select(static key => $"{key}").ToList(),
        State = ToWire(basis.State, isRating),
    };

    /// <summary>Null if it makes no sense: the removal then has no proof.</summary>
    private static RemovalBasis? ToBasis(WireBasis? wire) =>
        wire is { Items: { Count: > 0 } items, State: { } state, User: > 0 } && MachineIdentifier.TryParse(wire.Server, out var server)
            && ToState(state) is { } seen && items.All(static text => RatingKey.TryParse(text, out _))
            ? new RemovalBasis(new ServerUser(server, new UserId(wire.User)), items.Select(RatingKey.Parse).ToList(), seen)
            : null;

    private static WireState ToWire(WatchState state, bool isRating) =>
        new() { ViewCount = state.ViewCount, PositionMs = Milliseconds(state.Position), UserRating = isRating ? state.UserRating : null };

    public static WireLeft ToWireLeft(WatchState state, bool isRating) => new()
    {
        ViewCount = state.ViewCount,
        PositionMs = Milliseconds(state.Position),
        LastViewedAt = isRating ? null : state.LastViewedAt?.UtcDateTime,
        UserRating = isRating ? state.UserRating : null,
    };

    /// <summary>Null where nothing is lost.</summary>
    public static IReadOnlyList<string>? ToWords(LostState lost) => lost is LostState.None ? null : LostWords[(int)lost];

    public static Dictionary<string, int> ToWords(Dictionary<ChangeOutcome, int> counts)
    {
        var words = new Dictionary<string, int>();
        foreach (var (outcome, count) in counts)
        {
            words.Add(Words.ToWord(outcome), count);
        }

        return words;
    }

    public static WireSkip ToWire(SkippedItem skipped) => WithItem(
        new WireSkip { OriginallyAvailableAt = DayOf(skipped.Item), Reason = Words.ToWord(skipped.Reason) }, skipped.Item, skipped.Library);

    private static string? DayOf(MediaItem item) =>
        item is { ShowTitle: not null, EpisodeNumber: null }
            ? item.OriginallyAvailableAt?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null;

    private static DateOnly? DayOf(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    public static ServerReference ToServer(WireServerReference? wire) =>
        new(
            MachineIdentifier.TryParse(Given(wire).MachineIdentifier, out var machine) ? machine : throw Senseless("machineIdentifier"),
            Given(wire!.Name),
            Given(wire.Version));

    public static UserReference ToUser(WireUserReference? wire) =>
        new(Given(wire).Id > 0 ? new UserId(wire!.Id) : throw Senseless("id"), Given(wire.Title));

    public static Library ToLibrary(WireLibraryName wire) =>
        new() { Key = ToLibraryKey(Given(Given(wire).Key)), Title = Given(wire.Title), Type = Given(wire.Type) };

    public static SyncPlan ToPlan(WireHeader wire, DateTime createdAt, IReadOnlyList<PlannedChange> changes) => new()
    {
        CreatedAt = ToDate(createdAt),
        Server = ToServer(wire.Server),
        Source = ToUser(wire.Source),
        MoreSources = (wire.MoreSources ?? []).Select(ToUser).ToList(),
        SourceServer = wire.SourceServer is { } from ? ToServer(from) : null,
        Target = ToUser(wire.Target),
        Identity = Words.TryRead<IdentityProof>(wire.Identity) ?? throw Senseless("identity"),
        Policy = Given(wire.Policy),
        Undoes = ToUndoes(wire),
        Libraries = Given(wire.Libraries).Select(ToComparison).ToList(),
        Changes = changes,
    };

    public static RunId? ToUndoes(WireHeader wire) =>
        wire.Undoes is null ? null : RunId.TryParse(wire.Undoes, out var run) ? run : throw Senseless("undoes");

    private static LibraryComparison ToComparison(WireLibrary wire) => new()
    {
        Library = ToLibrary(wire),
        SourceItems = wire.SourceItems,
        TargetItems = wire.TargetItems,
        Error = ToError(wire.Error),
    };

    public static PlexException? ToError(WireFailure? wire) =>
        wire is null ? null : new(Words.TryRead<PlexErrorKind>(wire.Kind) ?? PlexErrorKind.Unknown, Given(wire.Message));

    public static PlannedChange ToChange(WireChange wire)
    {
        var before = ToState(Given(Given(wire).Before), ToDate(wire.Before.LastViewedAt)) ?? throw Senseless(wire.RatingKey);
        var given = ToState(Given(wire.After)) ?? throw Senseless(wire.RatingKey);
        var after = before with { ViewCount = given.ViewCount, Position = given.Position };
        after = Words.TryRead<ChangeAction>(wire.Action) is ChangeAction.Rating ? after with { UserRating = given.UserRating } : after;
        var isMarked = StateWrites.MarksFrom(before, after).Length > 0;
        var count = after.IsWatched ? isMarked ? 1 : before.ViewCount : 0;
        // Nobody can set a count, and an action that does not fit the states would mislead the person who reviews the plan.
        return after.ViewCount == count && (!after.Matches(before) || after.UserRating != before.UserRating)
            && Words.TryRead<ChangeAction>(wire.Action) == PlannedChange.ActionOf(before, after)
            && !string.IsNullOrWhiteSpace(wire.Reason)
            ? new PlannedChange
            {
                Item = ToItem(wire) with { State = before },
                Library = ToLibraryKey(wire.Library),
                Action = PlannedChange.ActionOf(before, after),
                After = after,
                Reason = ChangeReason.Parse(wire.Reason),
                SourceViewedAt = ToDate(wire.SourceViewedAt),
                Lost = ToLost(wire),
                Basis = ToBasis(wire.RestsOn),
            }
            : throw Senseless(wire.RatingKey);
    }

    public static SkippedItem ToSkip(WireSkip wire) =>
        new(ToItem(Given(wire)), ToLibraryKey(wire.Library), Words.TryRead<SkipReason>(wire.Reason) ?? throw Senseless(wire.RatingKey));

    public static DateTimeOffset? ToDate(DateTime? date) => date is { } time ? ToDate(time) : null;

    public static DateTimeOffset ToDate(DateTime time) =>
        new(time.Kind is DateTimeKind.Unspecified ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : time.ToUniversalTime(), TimeSpan.Zero);

    public static WatchState? ToState(WireLeft wire) => ToState(wire, ToDate(wire.LastViewedAt));

    /// <summary>Null if no item can have such a state.</summary>
    private static WatchState? ToState(WireState wire, DateTimeOffset? viewedAt = null) =>
        wire is { ViewCount: >= 0, PositionMs: >= 0 and <= LongestMilliseconds, UserRating: null or (>= 0 and <= 10) }
            ? new WatchState
            {
                ViewCount = wire.ViewCount,
                Position = TimeSpan.FromMilliseconds(wire.PositionMs),
                LastViewedAt = viewedAt,
                UserRating = wire.UserRating,
            }
            : null;

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    public static PlexException Senseless(string? where) =>
        new(PlexErrorKind.InvalidPlan, $"The plan contradicts itself, or asks for what cannot be written, at '{where}'.")
        {
            Subject = where,
        };

    /// <summary>Refuses null: the serializer sees to it that a name is there, but not its value.</summary>
    public static T Given<T>(T? value)
        where T : class => value ?? throw new JsonException("A value is null.");

    private static LostState ToLost(WireChange wire)
    {
        var lost = LostState.None;
        foreach (var word in wire.Lost ?? [])
        {
            lost |= Words.TryRead<LostState>(word) ?? throw Senseless(wire.RatingKey);
        }

        return lost;
    }

    private static LibraryKey ToLibraryKey(string? text) => LibraryKey.TryParse(text, out var key) ? key : throw Senseless(text);

    /// <summary>The item with the state that the snapshot has of it.</summary>
    public static MediaItem ToItem(SnapshotRecord wire)
    {
        var state = new WireState { ViewCount = wire.ViewCount, PositionMs = wire.PositionMs, UserRating = wire.UserRating };
        return wire.Guid is not "" && (wire.Ids ?? []).All(static id => !string.IsNullOrEmpty(id))
            ? ToItem((WireSubject)wire) with
            {
                PlexGuid = wire.Guid,
                ExternalIds = wire.Ids ?? [],
                State = ToState(state, wire.LastViewedAt) ?? throw Senseless(wire.RatingKey),
            }
            : throw Senseless(wire.RatingKey);
    }

    private static MediaItem ToItem(WireSubject wire)
    {
        var type = string.IsNullOrWhiteSpace(wire.Type) ? default : MediaType.Parse(wire.Type);
        // A mark on a show or a season would mark all its episodes.
        return RatingKey.TryParse(wire.RatingKey, out var key) && type.IsLeaf
            && wire is
            {
                Season: null or >= 0,
                Episode: null or >= 0,
                Year: null or >= 0,
                DurationMs: null or (>= 0 and <= LongestMilliseconds),
            }
            ? new MediaItem
            {
                RatingKey = key,
                Type = type,
                Title = Given(wire.Title),
                ShowTitle = wire.Show,
                SeasonNumber = wire.Season,
                EpisodeNumber = wire.Episode,
                Year = wire.Year,
                OriginallyAvailableAt = DayOf(wire.OriginallyAvailableAt),
                Duration = wire.DurationMs is > 0 and var duration ? TimeSpan.FromMilliseconds(duration) : null,
            }
            : throw Senseless(wire.RatingKey);
    }
}
