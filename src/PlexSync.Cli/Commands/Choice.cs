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
    public static SyncOptions Read(CommandContext context)
    {
        var options = ReadItems(context);
        options.Policy = FindPolicy(context, ConflictPolicies.All, ConflictPolicies.Copy);
        options.Direction = context.Settings.IsOn(Setting.TwoWay) ? SyncDirection.TwoWay : SyncDirection.OneWay;
        options.Unwatched = context.Settings.IsOn(Setting.Unwatched);
        options.Match = Find(context, Setting.Match, Matches, MatchMode.Auto);
        if (options.Direction is SyncDirection.TwoWay && options.Policy == ConflictPolicies.Mirror)
        {
            throw new CliException(CliException.Usage, "Policy_OneWayOnly", options.Policy.Name, Setting.TwoWay.Option);
        }

        if (options.Match is MatchMode.Key && context.Settings.Find(Setting.ToServer) is not null)
        {
            throw new CliException(CliException.Usage, "Match_OneServerOnly", Setting.Match.Option, Setting.ToServer.Option);
        }

        var targets = context.Settings.GetAll(Setting.To).Count;
        if (options is { Direction: SyncDirection.TwoWay, Unwatched: true } && (targets > 1 || context.Settings.IsOn(Setting.ToAll)))
        {
            throw new CliException(
                CliException.Usage, "Unwatched_OneTarget", Setting.TwoWay.Option, Setting.Unwatched.Option, Setting.To.Option);
        }

        return options;
    }

    /// <summary>For <c>merge</c>.</summary>
    public static SyncOptions ReadMerge(CommandContext context)
    {
        var options = ReadItems(context);
        options.Policy = FindPolicy(context, ConflictPolicies.Merging, ConflictPolicies.Furthest);
        return options;
    }

    /// <summary>The words that a setting takes; none where it takes others.</summary>
    public static string[] WordsOf(Setting setting) =>
        setting == Setting.Match ? Texts(Matches) : setting == Setting.Type ? Texts(Types) : setting == Setting.Only ? Texts(Kinds) : [];

    private static SyncOptions ReadItems(CommandContext context)
    {
        var (libraries, excluded) = Split(context, Setting.Library);
        return new SyncOptions
        {
            Libraries = libraries,
            ExcludedLibraries = excluded,
            Types = ReadTypes(context),
            Shows = context.Settings.GetAll(Setting.Show),
            Since = ReadSince(context),
            Only = Find(context, Setting.Only, Kinds, null),
            Ratings = context.Settings.IsOn(Setting.Ratings),
            RetryUnkept = context.Settings.IsOn(Setting.RetryUnkept),
        };
    }

    private static IConflictPolicy FindPolicy(CommandContext context, IReadOnlyList<IConflictPolicy> known, IConflictPolicy otherwise) =>
        context.Settings.Get(Setting.Policy) is not { } name ? otherwise
        : known.FirstOrDefault(policy => policy.Name == name)
            ?? throw new CliException(
                "policyNotFound",
                ConflictPolicies.TryGet(name, out _) ? "Policy_NotHere" : "NoPolicy",
                name,
                string.Join(", ", known.Select(static policy => policy.Name)));

    private static MediaType[] ReadTypes(CommandContext context)
    {
        var (words, excluded) = Split(context, Setting.Type);
        excluded.ForEach(word => FindWord(context, Setting.Type, word, Types));
        words.ForEach(word => FindWord(context, Setting.Type, word, Types));
        var wanted = Array.FindAll(
            Types, type => !excluded.Contains(type.Text)
                && (words.Count > 0 ? words.Contains(type.Text) : SyncOptions.DefaultTypes.Contains(type.Value)));
        return wanted.Length > 0 ? Array.ConvertAll(wanted, static type => type.Value)
            : throw new CliException(CliException.Usage, "Type_None", Setting.Type.Option);
    }

    private static DateTimeOffset? ReadSince(CommandContext context)
    {
        if (context.Settings.Find(Setting.Since) is not { } given)
        {
            return null;
        }

        var (text, now) = (given.Values[0], context.Console.Time.GetUtcNow());
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
    private static (List<string> Wanted, List<string> Excluded) Split(CommandContext context, Setting setting)
    {
        var words = context.Settings.GetAll(setting).ToLookup(static word => word[0] == '!', static word => word.TrimStart('!').Trim());
        return words[true].Any(string.IsNullOrEmpty)
            ? throw new CliException(CliException.Usage, "Option_NeedsValue", setting.Option)
            : (words[false].ToList(), words[true].ToList());
    }

    private static T Find<T>(CommandContext context, Setting setting, Word<T>[] known, T otherwise) =>
        context.Settings.Get(setting) is { } word ? FindWord(context, setting, word, known) : otherwise;

    private static T FindWord<T>(CommandContext context, Setting setting, string word, Word<T>[] known) =>
        Array.Find(known, one => one.Text == word) is { } found ? found.Value
            : throw new CliException(
                CliException.Usage, "Invalid_Word", context.Settings.Find(setting)!.Origin, word, string.Join(", ", Texts(known)));

    private static string[] Texts<T>(Word<T>[] words) => Array.ConvertAll(words, static one => one.Text);

    /// <summary>A word and what it means. A class: code for arrays of each kind of pair would make the native binary larger.</summary>
    private sealed record Word<T>(string Text, T Value);
}
