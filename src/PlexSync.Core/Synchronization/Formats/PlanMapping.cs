using System.Globalization;
using System.Text.Json;

namespace PlexSync;

/// <summary>Between plans and what they look like on disk. What is read is believed only as far as it makes sense.</summary>
internal static class PlanMapping
{
    private const long LongestMilliseconds = 10L * 366 * 24 * 3600 * 1000;

    public static WireServerReference ToWire(ServerReference server) =>
        new() { MachineIdentifier = $"{server.MachineIdentifier}", Name = server.Name, Version = server.Version };

    public static WireUserReference ToWire(UserReference user) => new() { Id = user.Id.Value, Title = user.Title };

    public static WireLibrary ToWire(LibraryComparison comparison) => new()
    {
        Key = $"{comparison.Library.Key}",
        Title = comparison.Library.Title,
        Type = comparison.Library.Type,
        SourceItems = comparison.SourceItems,
        TargetItems = comparison.TargetItems,
        Error = ToWire(comparison.Error),
    };

    public static WireFailure? ToWire(PlexException? error) =>
        error is null ? null : new() { Kind = Words.ToWord(error.Kind), Message = error.Message };

    public static WireChange ToWire(PlannedChange change)
    {
        var item = change.Item;
        return new WireChange
        {
            RatingKey = $"{item.RatingKey}",
            Library = $"{change.Library}",
            Type = $"{item.Type}",
            Title = item.Title,
            Show = item.ShowTitle,
            Season = item.SeasonNumber,
            Episode = item.EpisodeNumber,
            Year = item.Year,
            OriginallyAvailableAt = DayOf(item),
            DurationMs = Milliseconds(item.Duration),
            Action = Words.ToWord(change.Action),
            Before = new()
            {
                ViewCount = change.Before.ViewCount,
                PositionMs = Milliseconds(change.Before.Position),
                LastViewedAt = change.Before.LastViewedAt?.UtcDateTime,
                UserRating = change.Before.UserRating,
            },
            After = ToWire(change.After, change.IsRating),
            Reason = $"{change.Reason}",
            SourceViewedAt = change.SourceViewedAt?.UtcDateTime,
            Removal = change.IsRemoval ? true : null,
            Lost = ToWords(change.Lost),
            RestsOn = change.Basis is { } basis ? ToWire(basis, change.IsRating) : null,
        };
    }

    private static WireBasis ToWire(RemovalBasis basis, bool isRating) => new()
    {
        Server = $"{basis.Server}",
        User = basis.User.Value,
        Items = basis.Items.Select(static key => $"{key}").ToList(),
        State = ToWire(basis.State, isRating),
    };

    /// <summary>What makes no sense is nothing to rest on.</summary>
    private static RemovalBasis? ToBasis(WireBasis? wire) =>
        wire is { Items: { Count: > 0 } items, State: { } state, User: > 0 } && MachineIdentifier.TryParse(wire.Server, out var server)
            && ToState(state) is { } seen
        && items.All(static text => RatingKey.TryParse(text, out _))
            ? new RemovalBasis(server, new UserId(wire.User), items.Select(RatingKey.Parse).ToList(), seen)
            : null;

    public static WireAfter ToWire(WatchState state, bool isRating) =>
        new() { ViewCount = state.ViewCount, PositionMs = Milliseconds(state.Position), UserRating = isRating ? state.UserRating : null };

    public static WireLeft ToWireLeft(WatchState state, bool isRating) => new()
    {
        ViewCount = state.ViewCount,
        PositionMs = Milliseconds(state.Position),
        LastViewedAt = isRating ? null : state.LastViewedAt?.UtcDateTime,
        UserRating = isRating ? state.UserRating : null,
    };

    /// <summary>Null where nothing is lost.</summary>
    public static List<string>? ToWords(LostState lost)
    {
        List<string> words = [];
        foreach (var part in Enum.GetValues<LostState>())
        {
            if (part is not LostState.None && lost.HasFlag(part))
            {
                words.Add(Words.ToWord(part));
            }
        }

        return words.Count > 0 ? words : null;
    }

    public static Dictionary<string, int> ToWords(Dictionary<ChangeOutcome, int> counts)
    {
        var words = new Dictionary<string, int>();
        foreach (var (outcome, count) in counts)
        {
            words.Add(Words.ToWord(outcome), count);
        }

        return words;
    }

    public static WireSkip ToWire(SkippedItem skipped) => new()
    {
        RatingKey = $"{skipped.Item.RatingKey}",
        Library = $"{skipped.Library}",
        Type = $"{skipped.Item.Type}",
        Title = skipped.Item.Title,
        Show = skipped.Item.ShowTitle,
        Season = skipped.Item.SeasonNumber,
        Episode = skipped.Item.EpisodeNumber,
        Year = skipped.Item.Year,
        OriginallyAvailableAt = DayOf(skipped.Item),
        DurationMs = Milliseconds(skipped.Item.Duration),
        Reason = Words.ToWord(skipped.Reason),
    };

    private static string? DayOf(MediaItem item) =>
        item is { ShowTitle: not null, EpisodeNumber: null }
            ? item.OriginallyAvailableAt?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null;

    private static DateOnly? DayOf(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    public static ServerReference ToServer(WireServerReference wire) =>
        new(
            MachineIdentifier.TryParse(Given(wire).MachineIdentifier, out var machine) ? machine : throw Senseless("machineIdentifier"),
            Given(wire.Name),
            Given(wire.Version));

    public static UserReference ToUser(WireUserReference wire) =>
        new(Given(wire).Id > 0 ? new UserId(wire.Id) : throw Senseless("id"), Given(wire.Title));

    public static LibraryComparison ToLibrary(WireLibrary wire) => new()
    {
        Library = new Library { Key = ToLibraryKey(Given(wire).Key), Title = Given(wire.Title), Type = Given(wire.Type) },
        SourceItems = wire.SourceItems,
        TargetItems = wire.TargetItems,
        Error = ToError(wire.Error),
    };

    public static PlexException? ToError(WireFailure? wire) =>
        wire is null ? null : new(Words.TryRead<PlexErrorKind>(wire.Kind) ?? PlexErrorKind.Unknown, Given(wire.Message));

    public static PlannedChange ToChange(WireChange wire)
    {
        var before = new WatchState
        {
            ViewCount = Given(Given(wire).Before).ViewCount >= 0 ? wire.Before.ViewCount : throw Senseless(wire.RatingKey),
            Position = ToPosition(wire.Before.PositionMs, wire),
            LastViewedAt = ToDate(wire.Before.LastViewedAt),
            UserRating = ToRating(wire.Before.UserRating, wire),
        };
        var after = before with { ViewCount = Given(wire.After).ViewCount, Position = ToPosition(wire.After.PositionMs, wire) };
        after = Words.TryRead<ChangeAction>(wire.Action) is ChangeAction.Rating
            ? after with { UserRating = ToRating(wire.After.UserRating, wire) } : after;
        var isMarked = StateWrites.MarksFrom(before, after).Length > 0;
        var count = after.IsWatched ? isMarked ? 1 : before.ViewCount : 0;
        // Nobody can set a count; an action that is not what the states say would mislead whoever reviews the plan.
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

    public static TimeSpan ToPosition(long milliseconds, WireSubject subject) =>
        milliseconds is >= 0 and <= LongestMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : throw Senseless(subject.RatingKey);

    /// <summary>Null where there can be no such state.</summary>
    public static WatchState? ToState(WireAfter wire) =>
        wire is { ViewCount: >= 0, PositionMs: >= 0 and <= LongestMilliseconds, UserRating: null or (>= 0 and <= 10) }
        ? new WatchState { ViewCount = wire.ViewCount, Position = TimeSpan.FromMilliseconds(wire.PositionMs), UserRating = wire.UserRating }
        : null;

    public static WatchState? ToState(WireLeft wire) =>
        ToState((WireAfter)wire) is { } state ? state with { LastViewedAt = ToDate(wire.LastViewedAt) } : null;

    private static double? ToRating(double? rating, WireSubject subject) =>
        rating is null or (>= 0 and <= 10) ? rating : throw Senseless(subject.RatingKey);

    public static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    public static PlexException Senseless(string where) =>
        new(PlexErrorKind.InvalidPlan, $"The plan contradicts itself, or asks for what cannot be written, at '{where}'.")
        {
            Subject = where,
        };

    /// <summary>What must be there is; the serializer sees to names, not to values.</summary>
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

    private static long? Milliseconds(TimeSpan? time) => time is { } some ? Milliseconds(some) : null;

    private static LibraryKey ToLibraryKey(string text) => LibraryKey.TryParse(text, out var key) ? key : throw Senseless(text);

    private static MediaItem ToItem(WireSubject wire)
    {
        var type = string.IsNullOrWhiteSpace(wire.Type) ? default : MediaType.Parse(wire.Type);
        // A mark on a show or a season would mark all its episodes.
        return RatingKey.TryParse(wire.RatingKey, out var key) && type.IsLeaf && wire.DurationMs is null or (> 0 and <= LongestMilliseconds)
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
                Duration = wire.DurationMs is { } duration ? TimeSpan.FromMilliseconds(duration) : null,
            }
            : throw Senseless(wire.RatingKey);
    }
}
