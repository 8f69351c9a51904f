using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PlexSync.Testing;

/// <summary>
/// Everything that exists: the accounts at plex.tv and the media servers. At first there is "Owner" (1001, admin of a Home) with a server
/// "NAS" that has no libraries. Safe to read and change while requests run. What is made up, tokens and ids, is the same for the same seed
/// and the same order of calls.
/// </summary>
public sealed class World
{
    private const long OwnerId = 1001, FirstFriend = 2001;

    /// <summary>How long a JWT is valid (plex-facts §3.5).</summary>
    public static readonly TimeSpan JwtLife = TimeSpan.FromDays(7);

    private readonly int _seed;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, AccountToken> _accountTokens = new(StringComparer.Ordinal);
    private readonly List<SimulatedLink> _links = [];
    private readonly List<SimulatedUser> _users = [];
    private readonly List<SimulatedServer> _servers = [];
    private long _tokensIssued;

    /// <summary>A world with an owner and a server.</summary>
    /// <param name="clock">What dates the views, and what tokens and link codes expire by; the system's when absent.</param>
    /// <param name="seed">Another one gives other tokens and machine identifiers.</param>
    public World(TimeProvider? clock = null, int seed = 1)
    {
        (Clock, _seed) = (clock ?? TimeProvider.System, seed);
        Server = AddServer("NAS", OwnerId);
        Owner = Add(
            new SimulatedUser { Id = OwnerId, Title = "Owner", Username = "owner", Email = "owner@example.org", IsAdmin = true });
    }

    /// <summary>What dates the views, and what tokens and link codes expire by.</summary>
    public TimeProvider Clock { get; }

    /// <summary>How plex.tv behaves where nothing is known, and what is wrong with it.</summary>
    public AccountSwitches Account { get; } = new();

    /// <summary>A Tautulli beside the servers; none by default. Set it before the simulator starts.</summary>
    public SimulatedTautulli? Tautulli { get; set; }

    /// <summary>Answers have a <c>Date</c>.</summary>
    public bool SendsDate { get; set; } = true;

    /// <summary>By how much the <c>Date</c> of answers is ahead of <see cref="Clock"/>, as if so much time had passed.</summary>
    public TimeSpan DateOffset { get; set; }

    /// <summary>Everybody, in the order in which they were added.</summary>
    public IReadOnlyList<SimulatedUser> Users { get { lock (_gate) return [.. _users]; } }

    /// <summary>All servers, in the order in which they were added.</summary>
    public IReadOnlyList<SimulatedServer> Servers { get { lock (_gate) return [.. _servers]; } }

    /// <summary>The first server; most worlds have one.</summary>
    public SimulatedServer Server { get; }

    /// <summary>The admin of the first Home.</summary>
    public SimulatedUser Owner { get; }

    /// <summary>The user with this id.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public SimulatedUser User(long id) =>
        Users.FirstOrDefault(user => user.Id == id) ?? throw new KeyNotFoundException($"There is no user {id}.");

    /// <summary>The first user with this title.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public SimulatedUser User(string title) =>
        Users.FirstOrDefault(user => user.Title == title) ?? throw new KeyNotFoundException($"There is no user \"{title}\".");

    /// <summary>Adds a managed user to the owner's Home, who sees all of its libraries.</summary>
    /// <param name="title">The name.</param>
    /// <param name="pin">What a switch to the user asks for.</param>
    public SimulatedUser AddManagedUser(string title, string? pin = null) =>
        AddGuest(new SimulatedUser { Id = NextId(OwnerId), Title = title, Pin = pin, IsManaged = true, RestrictionProfile = "teen" });

    /// <summary>Adds somebody with an account of their own to the owner's Home, who sees all of its libraries.</summary>
    /// <param name="title">The name; the username is the same in small letters.</param>
    /// <param name="pin">What a switch to the user asks for.</param>
    public SimulatedUser AddHomeUser(string title, string? pin = null) => AddGuest(
        new SimulatedUser { Id = NextId(OwnerId), Title = title, Username = Username(title), Email = EmailOf(title), Pin = pin });

    /// <summary>Adds a friend of the owner outside the Home, who sees all libraries and cannot be switched to.</summary>
    /// <param name="title">The name; the username is the same in small letters.</param>
    public SimulatedUser AddFriend(string title) => AddGuest(new SimulatedUser
    {
        Id = NextId(FirstFriend - 1),
        Title = title,
        Username = Username(title),
        Email = EmailOf(title),
        InHome = false,
    });

    /// <summary>Adds a user of any kind. No library is shared with them yet.</summary>
    /// <returns>The user.</returns>
    public SimulatedUser Add(SimulatedUser user)
    {
        ArgumentNullException.ThrowIfNull(user);
        user.Complete(NewToken);
        lock (_gate)
        {
            _users.Add(user);
            _accountTokens[user.AccountToken] = new AccountToken(user.Id);
        }
        return user;
    }

    /// <summary>Adds one more server; the simulator must not run yet.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="ownerId">The id of the user who claimed it.</param>
    /// <param name="machineIdentifier">Forty hexadecimal digits; made up when absent.</param>
    public SimulatedServer AddServer(string name, long ownerId, string? machineIdentifier = null)
    {
        lock (_gate)
        {
            var id = machineIdentifier ?? Convert.ToHexString(Digest($"machine {_servers.Count} {name}"))[..40].ToLowerInvariant();
            var server = new SimulatedServer(this, id, name, ownerId);
            _servers.Add(server);
            return server;
        }
    }

    /// <summary>The members of a Home, its admin included.</summary>
    public IReadOnlyList<SimulatedUser> Home(long id) => [.. Users.Where(user => user.InHome && user.HomeId == id)];

    /// <summary>Mints one more account token, as each switch does (plex-facts §3.7).</summary>
    internal string IssueAccountToken(SimulatedUser user)
    {
        ArgumentNullException.ThrowIfNull(user);
        var token = NewToken();
        lock (_gate) _accountTokens[token] = new AccountToken(user.Id);
        return token;
    }

    /// <summary>
    /// An account token of the newer kind: plex.tv takes it for seven days, then answers 498; servers never do (plex-facts §3.5, §14.3).
    /// Its signature is made up.
    /// </summary>
    public string IssueJwt(SimulatedUser user)
    {
        ArgumentNullException.ThrowIfNull(user);
        var now = Clock.GetUtcNow();
        var end = now + JwtLife;
        var header = """{"alg":"RS256","kid":"simulated","typ":"JWT"}""";
        var claims = string.Create(CultureInfo.InvariantCulture,
            $$"""{"iss":"plex.tv","sub":"{{user.Id}}","iat":{{now.ToUnixTimeSeconds()}},"exp":{{end.ToUnixTimeSeconds()}}}""");
        var token = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(claims))}.{Encode(Digest(NewToken()))}";
        lock (_gate) _accountTokens[token] = new AccountToken(user.Id) { IsJwt = true, Ends = end };
        return token;

        static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <summary>Signs a token out: plex.tv and the servers answer 401 to it from now on.</summary>
    public void RevokeAccountToken(string token)
    {
        lock (_gate) _accountTokens.Remove(token);
    }

    /// <summary>
    /// Puts a new account token in the place of an old one, which plex.tv and the servers refuse from <paramref name="at"/> on, or at once
    /// (plex-facts §14.3).
    /// </summary>
    public string RotateAccountToken(string old, DateTimeOffset? at = null)
    {
        lock (_gate)
        {
            var token = _accountTokens[old];
            _accountTokens[old] = token with { Ends = at ?? Clock.GetUtcNow() };
            return IssueAccountToken(_users.Find(user => user.Id == token.UserId)!);
        }
    }

    internal SimulatedUser? UserOfAccountToken(string? token)
    {
        lock (_gate) return FindToken(token) is { } found && found.IsValidAt(Clock.GetUtcNow())
            ? _users.Find(user => user.Id == found.UserId) : null;
    }

    internal bool IsJwt(string? token)
    {
        lock (_gate) return FindToken(token) is { IsJwt: true };
    }

    internal bool IsExpiredJwt(string? token)
    {
        lock (_gate) return FindToken(token) is { IsJwt: true } found && !found.IsValidAt(Clock.GetUtcNow());
    }

    private AccountToken? FindToken(string? token) => token is not null && _accountTokens.TryGetValue(token, out var found) ? found : null;

    /// <summary>Types a link code at plex.tv/link, which takes no strong one; false when no such code waits (plex-facts §3.4).</summary>
    public bool ApproveLink(string code, SimulatedUser user) => Approve(code, user, static link => !link.IsStrong);

    /// <summary>Opens the page at app.plex.tv with a strong code; false when no such code waits (plex-facts §3.4).</summary>
    public bool ApproveSignIn(string code, SimulatedUser user) => Approve(code, user, static link => link.IsStrong);

    /// <summary>What both pages end in: the call knows no difference.</summary>
    internal bool Approve(string code, SimulatedUser user, Func<SimulatedLink, bool>? takes = null)
    {
        lock (_gate)
        {
            var link = _links.Find(link => link.Code == code && link.AuthToken is null && !IsExpired(link));
            if (link is null || takes?.Invoke(link) == false) return false;
            if (Account.SignInsReplaceTokens)
            {
                foreach (var earlier in
                    _links.Where(other => other.ClientIdentifier == link.ClientIdentifier && other.AuthToken is not null))
                    if (_accountTokens.GetValueOrDefault(earlier.AuthToken!)?.UserId == user.Id) _accountTokens.Remove(earlier.AuthToken!);
            }
            link.AuthToken = IssueAccountToken(user);
            return true;
        }
    }

    /// <summary>The codes that were handed out so far, oldest first.</summary>
    public IReadOnlyList<SimulatedLink> Links { get { lock (_gate) return [.. _links]; } }

    internal SimulatedLink NewLink(string clientIdentifier, string product, bool strong)
    {
        var code = NewToken();
        lock (_gate)
        {
            var link =
                new SimulatedLink(111222333 + _links.Count, strong ? code : Short(code), clientIdentifier, product, Clock.GetUtcNow())
                {
                    IsStrong = strong,
                };
            _links.Add(link);
            return link;
        }
    }

    /// <summary>Four letters and digits, for people to type.</summary>
    private static string Short(string code) => string.Concat(code.Where(char.IsAsciiLetterOrDigit).Take(4)).ToUpperInvariant();

    internal SimulatedLink? Link(long id, string clientIdentifier)
    {
        lock (_gate) return _links.Find(link => link.Id == id && link.ClientIdentifier == clientIdentifier && !IsExpired(link));
    }

    /// <summary>Twenty opaque characters, never twice the same, and the same for the same seed.</summary>
    internal string NewToken()
    {
        const string alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_";
        return string.Create(20, Digest($"token {Interlocked.Increment(ref _tokensIssued)}"), (text, digest) =>
        {
            for (var i = 0; i < text.Length; i++) text[i] = alphabet[digest[i] % (i == 0 ? 50 : alphabet.Length)];
        });
    }

    /// <summary>Shares all libraries of the Home with a user who was just added to it.</summary>
    private SimulatedUser AddGuest(SimulatedUser user)
    {
        Add(user);
        foreach (var server in Servers.Where(server => server.HomeId == user.HomeId)) server.ShareWith(user);
        return user;
    }

    private long NextId(long last) => Users.Select(user => user.Id).Where(id => id / 1000 == last / 1000).Append(last).Max() + 1;

    private static string Username(string title) => string.Concat(title.ToLowerInvariant().Where(char.IsLetterOrDigit));

    private static string EmailOf(string title) => $"{Username(title)}@example.org";

    private byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes($"{_seed}/{text}"));

    private sealed record AccountToken(long UserId)
    {
        public bool IsJwt { get; init; }
        public DateTimeOffset? Ends { get; init; }

        public bool IsValidAt(DateTimeOffset now) => Ends is null || now < Ends;
    }

    private bool IsExpired(SimulatedLink link) => Clock.GetUtcNow() - link.CreatedAt > SimulatedLink.Life;
}

/// <summary>A link code and, once approved, its token (plex-facts §3.4).</summary>
public sealed class SimulatedLink
{
    internal SimulatedLink(long id, string code, string clientIdentifier, string product, DateTimeOffset createdAt) =>
        (Id, Code, ClientIdentifier, Product, CreatedAt) = (id, code, clientIdentifier, product, createdAt);

    internal static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    /// <summary>What the client asks by whether it was approved.</summary>
    public long Id { get; }

    /// <summary>What the user types, or what is in the address the user opens.</summary>
    public string Code { get; }

    /// <summary>A long code for the page at app.plex.tv, which cannot be typed at plex.tv/link.</summary>
    public bool IsStrong { get; internal init; }

    /// <summary>The client that asked for it.</summary>
    public string ClientIdentifier { get; }

    /// <summary>What that client calls itself.</summary>
    public string Product { get; }

    /// <summary>When it was handed out; it holds for a quarter of an hour.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>The account token that an approval gave out; null until then.</summary>
    public string? AuthToken { get; internal set; }
}
