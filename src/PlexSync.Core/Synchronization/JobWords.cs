using System.Globalization;

namespace PlexSync;

/// <summary>What the words of a <see cref="SyncJob"/> mean.</summary>
internal static class JobWords
{
    private const int MostUnits = 99_999;

    private static readonly MatchMode[] MatchModes = [MatchMode.Auto, MatchMode.Key, MatchMode.Ids];
    private static readonly MediaType[] MediaTypes = [MediaType.Movie, MediaType.Episode, MediaType.Track];
    private static readonly StateKind[] StateKinds = [StateKind.Watched, StateKind.Progress];

    /// <summary>In the order of what they mean.</summary>
    public static IReadOnlyList<string> Matches { get; } = ["auto", "key", "guid"];

    public static IReadOnlyList<string> Types { get; } = [.. MediaTypes.Select(static type => $"{type}")];

    public static IReadOnlyList<string> Kinds { get; } = ["watched", "progress"];

    public static IConflictPolicy FindPolicy(string name, IReadOnlyList<IConflictPolicy> known) =>
        known.FirstOrDefault(policy => policy.Name == name) ?? throw OptionFailure.NoPolicy(name, known);

    public static MatchMode FindMatch(string? word) =>
        word is null ? MatchMode.Auto : MatchModes[IndexOf(nameof(SyncJob.Match), word, Matches)];

    public static StateKind? FindKind(string? word) => word is null ? null : StateKinds[IndexOf(nameof(SyncJob.Only), word, Kinds)];

    public static IReadOnlyList<MediaType> FindTypes(IReadOnlyList<string> words)
    {
        var (wanted, excluded) = Split(nameof(SyncJob.Types), words);
        foreach (var word in wanted.Concat(excluded))
        {
            IndexOf(nameof(SyncJob.Types), word, Types);
        }

        var types = Array.FindAll(
            MediaTypes,
            type => !excluded.Contains($"{type}")
                && (wanted.Count > 0 ? wanted.Contains($"{type}") : SyncOptions.DefaultTypes.Contains(type)));
        return types.Length > 0 ? types : throw OptionFailure.Invalid(nameof(SyncJob.Types), value: null, Types);
    }

    public static DateTimeOffset? FindSince(string? text, DateTimeOffset now)
    {
        if (text is null)
        {
            return null;
        }

        DateTimeOffset? since =
            DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
                ? day
            : text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number is > 0 and <= MostUnits && HoursOf(text[^1]) is { } hours
                ? now - TimeSpan.FromHours(Math.Min((long)number * hours, (now - DateTimeOffset.UnixEpoch).TotalHours))
            : null;
        return since <= now ? since : throw OptionFailure.Invalid(nameof(SyncJob.Since), text);

        static int? HoursOf(char unit) => unit switch
        {
            'h' => 1,
            'd' => 24,
            'w' => 7 * 24,
            'y' => 365 * 24,
            _ => null,
        };
    }

    /// <summary>Words as they are, and those to leave out, which begin with an exclamation mark.</summary>
    public static (IReadOnlyList<string> Wanted, IReadOnlyList<string> Excluded) Split(string option, IReadOnlyList<string> words)
    {
        var parts = words.ToLookup(
            static word => word.StartsWith('!'),
            word => word.TrimStart('!').Trim() is { Length: > 0 } name ? name : throw OptionFailure.Invalid(option, word));
        return ([.. parts[false]], [.. parts[true]]);
    }

    private static int IndexOf(string option, string word, IReadOnlyList<string> words)
    {
        for (var at = 0; at < words.Count; at++)
        {
            if (words[at] == word)
            {
                return at;
            }
        }

        throw OptionFailure.Invalid(option, word, words);
    }
}
