using System.Text.Json.Serialization;
using PlexSync.Serialization;

namespace PlexSync;

/// <summary>The kinds of failure a caller can branch on.</summary>
[JsonConverter(typeof(WordConverter<PlexErrorKind>))]
public enum PlexErrorKind
{
    /// <summary>No more specific kind applies.</summary>
    Unknown = 0,

    /// <summary>The token is missing, wrong, expired or belongs to another server (401).</summary>
    InvalidToken,

    /// <summary>The token is none that Plex Media Server accepts: a JWT handed out for a server, or a code that claims a server.</summary>
    UnusableToken,

    /// <summary>The token has expired (498), as JWTs do after some days.</summary>
    TokenExpired,

    /// <summary>
    /// plex.tv accepts the owner's token and the server does not: it is no longer signed in to the account, and has to be claimed again.
    /// </summary>
    ServerUnclaimed,

    /// <summary>No server is signed in to the account, or shared with it.</summary>
    NoServer,

    /// <summary>Something in front of the server (a proxy, a firewall) asks for a password of its own, or lets nobody through.</summary>
    GatewayRefused,

    /// <summary>The user is protected by a PIN and none was given.</summary>
    PinRequired,

    /// <summary>plex.tv refused the PIN (403, code 1041).</summary>
    PinRejected,

    /// <summary>It could not be proved that a token acts for the user that was asked for.</summary>
    IdentityNotProved,

    /// <summary>The server, or every library on it, is not shared with the user.</summary>
    NotShared,

    /// <summary>Something is shared with the user, but plex.tv hands out no token for it.</summary>
    AccessWithheld,

    /// <summary>A plan belongs to another user or server.</summary>
    PlanMismatch,

    /// <summary>No such user in the Home or among the friends.</summary>
    UserNotFound,

    /// <summary>Several users answer to that name.</summary>
    UserAmbiguous,

    /// <summary>The friends of the account could not be read, so that a name may be one of theirs.</summary>
    FriendsUnknown,

    /// <summary>Source and target, or two targets, are the same user.</summary>
    SameUser,

    /// <summary>No such library.</summary>
    LibraryNotFound,

    /// <summary>Several libraries answer to that name.</summary>
    LibraryAmbiguous,

    /// <summary>No such show or artist.</summary>
    ShowNotFound,

    /// <summary>Several shows or artists answer to that name.</summary>
    ShowAmbiguous,

    /// <summary>The account knows no such server.</summary>
    ServerNotFound,

    /// <summary>Several servers answer to that name.</summary>
    ServerAmbiguous,

    /// <summary>No connection could be made, or it broke.</summary>
    Unreachable,

    /// <summary>The answer did not come in time.</summary>
    Timeout,

    /// <summary>The certificate does not fit the address, as with https to a bare IP.</summary>
    CertificateRejected,

    /// <summary>The certificate comes from an authority that this machine does not trust, as one's own.</summary>
    CertificateUntrusted,

    /// <summary>The certificate is out of date, or not valid yet.</summary>
    CertificateExpired,

    /// <summary>The port does not speak TLS: the address begins with https and should begin with http.</summary>
    TlsNotSpoken,

    /// <summary>What answers is not Plex (a web page, another service).</summary>
    NotPlex,

    /// <summary>The request was answered with a redirect, which is not followed.</summary>
    Redirected,

    /// <summary>The address leads to another server than the one expected.</summary>
    WrongServer,

    /// <summary>The server is starting, in maintenance or overloaded (503).</summary>
    Unavailable,

    /// <summary>Too many requests (429).</summary>
    RateLimited,

    /// <summary>The server failed (500, 502, 504 and other 5xx).</summary>
    ServerError,

    /// <summary>The answer is cut, malformed or lacks what it must have.</summary>
    InvalidResponse,

    /// <summary>A listing that cannot be trusted to be whole.</summary>
    IncompleteListing,

    /// <summary>The request is not allowed for this user (403).</summary>
    Forbidden,

    /// <summary>The item, library or user does not exist or is not visible to this user (404).</summary>
    NotFound,

    /// <summary>The server refused the request (400 and other 4xx).</summary>
    Rejected,

    /// <summary>The plan takes away more than <see cref="SyncOptions.MaxRemovals"/> allows.</summary>
    TooManyRemovals,

    /// <summary>A plan contradicts itself, or asks for what no plan of PlexSync asks for.</summary>
    InvalidPlan,

    /// <summary>Another run is writing to the same user of the same server.</summary>
    RunInProgress,

    /// <summary>No such run in the store.</summary>
    RunNotFound,

    /// <summary>The store cannot be read or written; without it nothing is sent.</summary>
    JournalFailed,

    /// <summary>The server accepted a write, twice, and does not show it.</summary>
    DidNotStick,

    /// <summary>A plan, snapshot or journal is cut, damaged, or something else.</summary>
    InvalidFile,

    /// <summary>A plan, snapshot or journal was written by a newer version.</summary>
    UnsupportedVersion,

    /// <summary>A link code was not confirmed in time (404, code 1020).</summary>
    LinkExpired,

    /// <summary>The server took a position for a completed viewing, and counted a view (plex-facts §14.1).</summary>
    PositionCounted,

    /// <summary>
    /// A folder or file of the store belongs to another user of the machine (the candidate is the number), can be changed by others, or is
    /// a link.
    /// </summary>
    NotPrivate,

    /// <summary>A run on the user was killed and not settled, or is going on: the user's state may be half-way through a change.</summary>
    RunUnfinished,

    /// <summary>Another run may hold the target by now, so that this one writes no more; it waits to be settled.</summary>
    LeaseLost,

    /// <summary>No such policy, or none that users can be merged under.</summary>
    PolicyNotFound,

    /// <summary>
    /// An option (<see cref="PlexException.Option"/>) does not take its value (<see cref="PlexException.Subject"/>); where it takes certain
    /// words only, the candidates are these.
    /// </summary>
    InvalidOption,

    /// <summary>An option is missing; the subject is the option that needs it, and null where every job needs it.</summary>
    MissingOption,

    /// <summary>An option cannot go together with another, which is the subject.</summary>
    OptionsConflict,

    /// <summary>
    /// Two jobs, which are the candidates, would undo each other's work on the user that is the subject (<see cref="SyncRoute.FindLoop"/>).
    /// </summary>
    JobsInLoop,

    /// <summary>Another process keeps the users of the job, which is the subject, in step (<see cref="ISyncStore.WatchAsync"/>).</summary>
    JobInProgress,

    /// <summary>What answers is not Tautulli.</summary>
    NotTautulli,

    /// <summary>Tautulli refused its key.</summary>
    TautulliKeyRefused,

    /// <summary>Tautulli could not do what it was asked for; the candidate is what it says of that.</summary>
    TautulliFailed,

    /// <summary>A history has nothing of the user who was asked for; the candidates are those it has something of.</summary>
    HistoryUserNotFound,

    /// <summary>Several users of a history answer to that name.</summary>
    HistoryUserAmbiguous,

    /// <summary>No such label in the chosen libraries, or none that the owner is connected to see.</summary>
    LabelNotFound,

    /// <summary>Several labels have that name.</summary>
    LabelAmbiguous,

    /// <summary>No such collection in the chosen libraries.</summary>
    CollectionNotFound,

    /// <summary>Several collections have that name.</summary>
    CollectionAmbiguous,
}
