using System.Globalization;
using System.Text.Json;

namespace PlexSync.Cli;

/// <summary>A failure the command line itself notices. Its words are in the resources; it knows their key.</summary>
internal sealed class CliException(string kind, string key, params object?[] arguments) : Exception
{
    /// <summary>What was asked for cannot be understood.</summary>
    public const string Usage = "usage";

    /// <summary>A file or a variable cannot be used.</summary>
    public const string Configuration = "configuration";

    /// <summary>There is no token.</summary>
    public const string NoToken = "noToken";

    public string Kind => kind;

    public string Key => key;

    public object?[] Arguments => arguments;
}

/// <summary>What the help calls a value, such as FILE; a message says it in its language.</summary>
internal sealed record ValueName(string Name);

/// <summary>A failure as it is reported: a word for programs, a sentence for people, an exit code.</summary>
internal sealed record Failure(string Kind, string Message, int ExitCode)
{
    public const string Cancelled = "cancelled";

    /// <summary>Something is done and something is not; the report says what.</summary>
    public const string Partial = "partial";

    public static Failure Of(Exception exception, Texts texts) => exception switch
    {
        CliException e => new(
            e.Kind,
            texts.Format(e.Key, Array.ConvertAll(e.Arguments, word => word is ValueName value ? texts.ValueName(value.Name) : word)),
            Cli.ExitCode.Usage),
        PlexException e => new(NameOf(e.Kind), $"{Describe(e, texts)} {Remedy(e, texts)}".TrimEnd(), Cli.ExitCode.Of(e.Category)),
        NotPrivateException e => new(
            NameOf(PlexErrorKind.NotPrivate), NotPrivate(e.Path, e.Owner is { } owner ? [$"{owner}"] : [], texts), Cli.ExitCode.Usage),
        OperationCanceledException => new(Cancelled, texts["Cancelled"], Cli.ExitCode.Cancelled),
        _ => new("unexpected", texts.Format("Unexpected", exception.GetType().Name), Cli.ExitCode.Unexpected),
    };

    /// <summary>The kind as a word of a closed, untranslated list.</summary>
    public static string NameOf<T>(T kind)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    /// <summary>What happened.</summary>
    public static string Describe(PlexException e, Texts texts) =>
        FindUnanswered(e) is { } cause ? $"{Say(e, texts, "Error_")} {Describe(cause, texts)}" : Say(e, texts, "Error_");

    /// <summary>What to do about it.</summary>
    public static string Remedy(PlexException e, Texts texts) => Say(FindUnanswered(e) ?? e, texts, "Remedy_");

    /// <summary>It was a page of a listing that failed; its path tells which.</summary>
    public static bool IsOfPage(PlexException e) => e.Path?.EndsWith(']') is true;

    private static string NotPrivate(string path, string[] owner, Texts texts)
    {
        var variant = owner.Length > 0 ? "NotPrivate_Candidates" : "NotPrivate";
        return $"{texts.Format($"Error_{variant}", path, string.Join(", ", owner))} {texts.Format($"Remedy_{variant}", path)}";
    }

    /// <summary>Why the question that proves an identity was not answered; null where it was, and the answer is no proof.</summary>
    private static PlexException? FindUnanswered(PlexException e) =>
        e is { Kind: PlexErrorKind.IdentityNotProved, InnerException: PlexException cause }
            && cause.Kind is not (PlexErrorKind.InvalidToken or PlexErrorKind.Forbidden) ? cause : null;

    private static string Say(PlexException e, Texts texts, string prefix)
    {
        var key = prefix + e.Kind;
        var variant = e is { Kind: PlexErrorKind.InvalidToken, Status: null } ? $"{key}_Malformed"
            : e.Kind is PlexErrorKind.UserNotFound && e.Subject?.Contains(',', StringComparison.Ordinal) is true ? $"{key}_Several"
            : IsOfPage(e) && texts.Has($"{key}_Page") ? $"{key}_Page"
            : e is { Kind: PlexErrorKind.InvalidToken or PlexErrorKind.Forbidden, UserName: not null } ? $"{key}_User"
            : e.Subject is null ? $"{key}_Nameless" : e.Candidates.Count > 0 ? $"{key}_Candidates" : key;
        var host = e.Path is { } path && path.IndexOf('/', StringComparison.Ordinal) is > 0 and var end ? path[..end] : "Plex";
        return texts.Format(
            texts.Has(variant) ? variant : key,
            e.Subject is { } subject ? e.UserId is { } id ? texts.Users.Of(id, subject) : subject : host,
            e.Candidates.Count > 0 ? string.Join(", ", e.Candidates) : texts["None"],
            e.Status is { } status ? ((int)status).ToString(CultureInfo.InvariantCulture) : "?",
            e.RetryAfter is { TotalSeconds: >= 1 } wait ? texts.Duration(wait) : texts["AFewMinutes"],
            e.Message,
            e.UserName,
            e.UserId,
            e.Option);
    }
}
