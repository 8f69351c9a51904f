using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>What a caller can do about a <see cref="PlexException"/>: its <see cref="PlexErrorKind"/>, in a few groups.</summary>
[JsonConverter(typeof(WordConverter<PlexErrorCategory>))]
public enum PlexErrorCategory
{
    /// <summary>No more specific category applies: show the message to somebody.</summary>
    Unknown = 0,

    /// <summary>
    /// A name, a file, a folder or an option does not fit: ask for another one; <see cref="PlexException.Candidates"/> says which there
    /// are. A retry fails the same way, unless a store of your own was only away for a while (<see cref="PlexErrorKind.JournalFailed"/>).
    /// </summary>
    Usage,

    /// <summary>
    /// The token, the PIN or the identity was refused, or nothing is shared with the user: ask for credentials or for access. A retry with
    /// the same ones fails the same way.
    /// </summary>
    Account,

    /// <summary>
    /// The server or plex.tv was not reached, or its answer is of no use: retry later, after <see cref="PlexException.RetryAfter"/> where
    /// it is known. Certificates and the wrong server (<see cref="PlexErrorKind.WrongServer"/>) do not mend themselves.
    /// </summary>
    Connection,

    /// <summary>
    /// The server took one change and did not keep it as it was sent; the others are done. Do not retry at once: a later run decides again.
    /// </summary>
    Partial,

    /// <summary>
    /// A safeguard stopped the run: retry later if another run is in the way, and ask somebody if there is too much to take away
    /// (<see cref="PlexErrorKind.TooManyRemovals"/>).
    /// </summary>
    Refused,
}

/// <summary>The one table from kinds to categories.</summary>
internal static class PlexErrorCategories
{
    public static PlexErrorCategory Of(PlexErrorKind kind) => kind switch
    {
        PlexErrorKind.UserNotFound or PlexErrorKind.UserAmbiguous or PlexErrorKind.SameUser
            or PlexErrorKind.LibraryNotFound or PlexErrorKind.LibraryAmbiguous or PlexErrorKind.ShowNotFound or PlexErrorKind.ShowAmbiguous
            or PlexErrorKind.LabelNotFound or PlexErrorKind.LabelAmbiguous
            or PlexErrorKind.CollectionNotFound or PlexErrorKind.CollectionAmbiguous
            or PlexErrorKind.ServerNotFound or PlexErrorKind.ServerAmbiguous
            or PlexErrorKind.InvalidPlan or PlexErrorKind.InvalidFile or PlexErrorKind.UnsupportedVersion
            or PlexErrorKind.RunNotFound or PlexErrorKind.JournalFailed or PlexErrorKind.NotPrivate
            or PlexErrorKind.PolicyNotFound or PlexErrorKind.InvalidOption or PlexErrorKind.MissingOption
            or PlexErrorKind.OptionsConflict or PlexErrorKind.JobsInLoop
            or PlexErrorKind.HistoryUserNotFound or PlexErrorKind.HistoryUserAmbiguous => PlexErrorCategory.Usage,

        PlexErrorKind.InvalidToken or PlexErrorKind.UnusableToken or PlexErrorKind.PinRequired or PlexErrorKind.PinRejected
            or PlexErrorKind.IdentityNotProved or PlexErrorKind.NotShared or PlexErrorKind.PlanMismatch or PlexErrorKind.Forbidden
            or PlexErrorKind.LinkExpired or PlexErrorKind.TokenExpired or PlexErrorKind.ServerUnclaimed or PlexErrorKind.NoServer
            or PlexErrorKind.GatewayRefused or PlexErrorKind.AccessWithheld
            or PlexErrorKind.TautulliKeyRefused => PlexErrorCategory.Account,

        PlexErrorKind.Unreachable or PlexErrorKind.Timeout or PlexErrorKind.CertificateRejected or PlexErrorKind.NotPlex
            or PlexErrorKind.CertificateUntrusted or PlexErrorKind.CertificateExpired or PlexErrorKind.TlsNotSpoken
            or PlexErrorKind.Redirected or PlexErrorKind.WrongServer or PlexErrorKind.Unavailable or PlexErrorKind.RateLimited
            or PlexErrorKind.ServerError or PlexErrorKind.InvalidResponse or PlexErrorKind.IncompleteListing
            or PlexErrorKind.NotFound or PlexErrorKind.Rejected or PlexErrorKind.FriendsUnknown
            or PlexErrorKind.NotTautulli or PlexErrorKind.TautulliFailed => PlexErrorCategory.Connection,

        PlexErrorKind.DidNotStick or PlexErrorKind.PositionCounted => PlexErrorCategory.Partial,

        PlexErrorKind.TooManyRemovals or PlexErrorKind.RunInProgress or PlexErrorKind.RunUnfinished or PlexErrorKind.LeaseLost
            or PlexErrorKind.JobInProgress
            => PlexErrorCategory.Refused,

        _ => PlexErrorCategory.Unknown,
    };
}
