using System.Globalization;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Commands;

/// <summary>
/// What the user wants to be synchronised, and how: the options of the library, checked before anybody is asked anything.
/// </summary>
internal static class Choice
{
    private static readonly Word<MatchMode>[] Matches =
        [new("auto", MatchMode.Auto), new("key", MatchMode.Key), new("guid", MatchMode.Ids)];
    private static readonly Word<MediaType>[] Types =
        [new("movie", MediaType.Movie), new("episode", MediaType.Episode), new("track", MediaType.Track)];
    private static readonly Word<StateKind?>[] Kinds = [new("watched", StateKind.Watched), new("progress", StateKind.Progress)];

    /// <summary>For <c>sync</c>, <c>plan</c> and <c>explain</c>.</summary>
    public static SyncOptions Read(CommandContext context, RuleOptions rules, ItemOptions items, ParticipantRequest request)
    {
        var options = ReadItems(context, items);
        options.Policy = FindPolicy(rules.Policy, ConflictPolicies.All, ConflictPolicies.Copy);
        options.Direction = rules.TwoWay ? SyncDirection.TwoWay : SyncDirection.OneWay;
        options.Unwatched = rules.Unwatched;
        options.Match = Find(rules.Match, Matches, MatchMode.Auto);
        if (options.Direction is SyncDirection.TwoWay && options.Policy == ConflictPolicies.Mirror)
        {
            throw new CliException(CliException.Usage, "Policy_OneWayOnly", options.Policy.Name, "--two-way");
        }

        if (options.Match is MatchMode.Key && request.IsAcross)
        {
            throw new CliException(CliException.Usage, "Match_OneServerOnly", "--match", "--to-server");
        }

        if (rules.NeedsOneTarget && request.HasSeveralTargets)
        {
            throw new CliException(CliException.Usage, "Unwatched_OneTarget", "--two-way", "--unwatched", "--to");
        }

        return options;
    }

    /// <summary>For <c>merge</c>.</summary>
    public static SyncOptions ReadMerge(CommandContext context, Given? policy, ItemOptions items)
    {
        var options = ReadItems(context, items);
        options.Policy = FindPolicy(policy, ConflictPolicies.Merging, ConflictPolicies.Furthest);
        return options;
    }

    /// <summary>The words that a setting takes; none where it takes others.</summary>
    public static string[] WordsOf(Setting setting) =>
        setting.Name switch
        {
            "match" => Texts(Matches),
            "type" => Texts(Types),
            "only" => Texts(Kinds),
            _ => [],
        };

    private static SyncOptions ReadItems(CommandContext context, ItemOptions items)
    {
        var (libraries, excluded) = Split(items.Library, "--library");
        return new SyncOptions
        {
            Libraries = libraries,
            ExcludedLibraries = excluded,
            Types = ReadTypes(context, items),
            Shows = items.Show,
            Since = ReadSince(context, items.Since),
            Only = Find(items.Only, Kinds, null),
            Ratings = items.Ratings,
            RetryUnkept = items.RetryUnkept,
        };
    }

    private static IConflictPolicy FindPolicy(Given? policy, IReadOnlyList<IConflictPolicy> known, IConflictPolicy otherwise) =>
        policy?.Value is not { } name ? otherwise
        : known.FirstOrDefault(policy => policy.Name == name)
            ?? throw new CliException(
                "policyNotFound",
                ConflictPolicies.TryGet(name, out _) ? "Policy_NotHere" : "Invalid_Word",
                policy.Origin,
                name,
                string.Join(", ", known.Select(static policy => policy.Name)));

    private static MediaType[] ReadTypes(CommandContext context, ItemOptions items)
    {
        var (words, excluded) = Split(items.Type, "--type");
        excluded.ForEach(word => FindWord(word, context.Settings.Find("type")!.Origin, Types));
        words.ForEach(word => FindWord(word, context.Settings.Find("type")!.Origin, Types));
        var wanted = Array.FindAll(
            Types, type => !excluded.Contains(type.Text)
                && (words.Count > 0 ? words.Contains(type.Text) : SyncOptions.DefaultTypes.Contains(type.Value)));
        return wanted.Length > 0 ? Array.ConvertAll(wanted, static type => type.Value)
            : throw new CliException(CliException.Usage, "Type_None", "--type");
    }

    private static DateTimeOffset? ReadSince(CommandContext context, Given? given)
    {
        if (given is null)
        {
            return null;
        }

        var (text, now) = (given.Value, context.Console.Time.GetUtcNow());
        DateTimeOffset? since =
            DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
                ? day
            : int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 100_000
                && HoursOf(text[^1]) is { } hours
                ? now - TimeSpan.FromHours(Math.Min((long)number * hours, (now - DateTimeOffset.UnixEpoch).TotalHours))
                : null;
        return since <= now ? since : throw new CliException(CliException.Usage, "Invalid_Since", given.Origin, text);

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
    private static (List<string> Wanted, List<string> Excluded) Split(IEnumerable<string> given, string option)
    {
        var words = given.ToLookup(static word => word[0] == '!', static word => word.TrimStart('!').Trim());
        return words[true].Any(string.IsNullOrEmpty)
            ? throw new CliException(CliException.Usage, "Option_NeedsValue", option)
            : (words[false].ToList(), words[true].ToList());
    }

    private static T Find<T>(Given? given, Word<T>[] known, T otherwise) =>
        given is null ? otherwise : FindWord(given.Value, given.Origin, known);

    private static T FindWord<T>(string word, string origin, Word<T>[] known) =>
        Array.Find(known, one => one.Text == word) is { } found ? found.Value
            : throw new CliException(
                CliException.Usage, "Invalid_Word", origin, word, string.Join(", ", Texts(known)));

    private static string[] Texts<T>(Word<T>[] words) => Array.ConvertAll(words, static one => one.Text);

    /// <summary>A word and what it means. A class: code for arrays of each kind of pair would make the native binary larger.</summary>
    private sealed record Word<T>(string Text, T Value);
}
