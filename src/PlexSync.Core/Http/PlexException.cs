using System.Net;
using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>
/// A Plex request, or what it should have led to, failed; <see cref="Kind"/> says how, so that a caller can branch on it.
/// </summary>
/// <remarks>Messages, paths and candidates never hold a token or a PIN.</remarks>
/// <example>
/// <code>
/// try
/// {
///     SyncPlan plan = await synchronizer.PlanAsync(server, kid);
/// }
/// catch (PlexException e) when (e.Category is PlexErrorCategory.Connection)
/// {
///     Console.WriteLine($"Tried again later: {e.Message}");
/// }
/// </code>
/// </example>
[JsonConverter(typeof(PlexExceptionConverter))]
public sealed class PlexException : Exception
{
    /// <summary>A failure; for stores and handlers of one's own.</summary>
    /// <param name="kind">What went wrong.</param>
    /// <param name="message">The same as a sentence, without secrets.</param>
    /// <param name="innerException">The cause, if there is one.</param>
    public PlexException(PlexErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>What went wrong.</summary>
    public PlexErrorKind Kind { get; }

    /// <summary>What a caller can do about it; follows from <see cref="Kind"/>.</summary>
    public PlexErrorCategory Category => PlexErrorCategories.Of(Kind);

    /// <summary>The status of the answer, if there was one.</summary>
    public HttpStatusCode? Status { get; internal init; }

    /// <summary>The method of the request, if one was sent.</summary>
    public string? Method { get; internal init; }

    /// <summary>Host, path and query of the request without secrets, if one was sent.</summary>
    public string? Path { get; internal init; }

    /// <summary>What the failure is about: the user, library, server or address as it was named.</summary>
    public string? Subject { get; init; }

    /// <summary>The option that does not fit, by the name of its property in <c>SyncJob</c>; null for failures of other kinds.</summary>
    public string? Option { get; init; }

    /// <summary>The id of the user that <see cref="Subject"/> names; null where it is no user, or the id is not known.</summary>
    public UserId? UserId { get; internal init; }

    /// <summary>The user whose access was refused; null where that is not known, or no user's.</summary>
    public string? UserName { get; internal init; }

    /// <summary>
    /// It concerns one user only, so that the others of a run can be served: nothing is shared with the user, or the server does not let
    /// the user in.
    /// </summary>
    public bool IsOfOneUser => this is { Kind: PlexErrorKind.NotShared or PlexErrorKind.AccessWithheld, UserId: not null }
        or { Kind: PlexErrorKind.InvalidToken or PlexErrorKind.Forbidden, UserName: not null };

    /// <summary>What could have been meant instead (users, libraries, addresses); empty if there is nothing to offer.</summary>
    public IReadOnlyList<string> Candidates { get; init; } = [];

    /// <summary>How long the server asks to wait, if it said so.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    /// <summary>When the server answered, by its own clock and if it said so.</summary>
    internal DateTimeOffset? AnsweredAt { get; init; }

    /// <summary>True when a write was sent and its answer was lost or is doubtful: it may or may not have taken effect.</summary>
    public bool MayHaveTakenEffect { get; internal init; }

    /// <summary>True when sending the same request again may succeed and cannot do harm.</summary>
    internal bool MayRetry { get; init; }

    /// <summary>True when the same request was answered in the same unusable way before: asking again is of no use.</summary>
    internal bool IsFinal { get; init; }

    /// <summary>The same failure after a second attempt: no further one is made.</summary>
    internal PlexException Final() => new(Kind, Message, this)
    {
        Status = Status,
        Method = Method,
        Path = Path,
        Subject = Subject,
        UserId = UserId,
        IsFinal = true,
    };

    /// <summary>Whether no encrypted connection was made, for a reason that stays the same.</summary>
    internal bool IsOfTls =>
        Kind is PlexErrorKind.CertificateRejected or PlexErrorKind.CertificateUntrusted or PlexErrorKind.CertificateExpired
        or PlexErrorKind.TlsNotSpoken;

    /// <summary>The same failure, of a write that may have taken effect all the same.</summary>
    internal PlexException InDoubt() => new(Kind, Message, this)
    {
        Status = Status,
        Method = Method,
        Path = Path,
        Subject = Subject,
        UserId = UserId,
        Candidates = Candidates,
        UserName = UserName,
        RetryAfter = RetryAfter,
        MayHaveTakenEffect = true,
    };
}
