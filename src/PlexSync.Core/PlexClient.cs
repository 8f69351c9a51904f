using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace PlexSync;

/// <summary>The way in: signs in at plex.tv and connects to servers.</summary>
/// <remarks>
/// Holds no token and no state but its counters; thread-safe. The <see cref="HttpClient"/> stays the caller's. Let it use
/// <see cref="CreateHttpHandler"/>, which follows no redirect: .NET's own would carry the token along.
/// </remarks>
/// <example>
/// <code>
/// using var http = new HttpClient(PlexClient.CreateHttpHandler());
/// var client = new PlexClient(http, new PlexClientOptions { ClientIdentifier = "my-app-instance" });
/// PlexAccount account = await client.SignInAsync(token);
/// PlexServer nas = await client.ConnectAsync(new Uri("http://nas:32400"), account);
/// </code>
/// </example>
public sealed partial class PlexClient
{
    private readonly PlexTransport _transport;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly LinkSignIn _links;
    private readonly ServerConnector _servers;

    /// <summary>A client that sends with <paramref name="httpClient"/>.</summary>
    /// <param name="httpClient">Sends the requests; never disposed here.</param>
    /// <param name="options">How to present ourselves, and the bounds.</param>
    /// <param name="loggerFactory">Receives logs without secrets; none if null.</param>
    /// <param name="timeProvider">The clock for timeouts and waits; the system's if null.</param>
    /// <exception cref="OptionsValidationException">An option is missing or out of range.</exception>
    public PlexClient(
        HttpClient httpClient, PlexClientOptions options, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(httpClient);
        ArgumentNullException.ThrowIfNull(options);
        var result = new PlexClientOptionsValidator().Validate(null, options);
        if (result.Failed)
        {
            throw new OptionsValidationException(nameof(PlexClientOptions), typeof(PlexClientOptions), result.Failures);
        }

        _time = timeProvider ?? TimeProvider.System;
        _loggers = loggerFactory ?? NullLoggerFactory.Instance;
        _transport = new PlexTransport(httpClient, options, _loggers.CreateLogger<PlexClient>(), _time);
        var host = PlexAddress.Require(options.AccountUrl, nameof(options));
        Accounts = new AccountClient(
            _transport, host, new SemaphoreSlim(AccountClient.MostForMembers), _loggers.CreateLogger<PlexClient>());
        _links = new LinkSignIn(_transport, Accounts, host, options, _time, _loggers.CreateLogger<PlexClient>());
        _servers = new ServerConnector(_transport, options, _time, _loggers.CreateLogger<PlexServer>());
    }

    /// <summary>Every HTTP attempt so far, retries included.</summary>
    public RequestCounts Requests => _transport.Counts;

    internal AccountClient Accounts { get; }

    internal TimeProvider Time => _time;

    /// <summary>A handler that follows no redirect, keeps no cookies and takes compressed answers.</summary>
    public static SocketsHttpHandler CreateHttpHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
    };

    /// <summary>
    /// Asks plex.tv for the time, without a token (<c>/api/v2/ping</c>): tells whether it can be reached, and how far the clock here is
    /// off.
    /// </summary>
    /// <returns>The time of the answer, to the second; null if plex.tv does not tell.</returns>
    /// <exception cref="PlexException">plex.tv cannot be reached, or what answers is not plex.tv.</exception>
    public Task<DateTimeOffset?> GetTimeAsync(CancellationToken cancellationToken = default) => Accounts.GetTimeAsync(cancellationToken);

    /// <summary>Asks plex.tv whose token this is (<c>/api/v2/user</c>).</summary>
    /// <exception cref="PlexException">The token is not valid or has expired, or plex.tv cannot be asked.</exception>
    /// <example>
    /// <code>
    /// PlexAccount account = await plex.SignInAsync(token);
    /// Console.WriteLine($"Signed in as {account.User.Title}.");
    /// </code>
    /// </example>
    public Task<PlexAccount> SignInAsync(string token, CancellationToken cancellationToken = default) =>
        SignInAsync(token, pin: null, cancellationToken);

    /// <summary>As <see cref="SignInAsync(string, CancellationToken)"/>, with the PIN of the token's owner.</summary>
    /// <param name="token">The token. A JWT is exchanged for a token that servers take, by switching to its owner.</param>
    /// <param name="pin">The owner's PIN, which plex.tv may ask for in that exchange and for nothing else; null if there is none.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="PlexException">
    /// The token is not valid or has expired, the PIN is missing (<see cref="PlexErrorKind.PinRequired"/>) or wrong, or plex.tv cannot be
    /// asked.
    /// </exception>
    public Task<PlexAccount> SignInAsync(string token, string? pin, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(token);
        return Accounts.SignInAsync(token, pin, cancellationToken);
    }

    /// <summary>
    /// Signs in as <see cref="SignInAsync(string, string?, CancellationToken)"/> does, and asks at the same time for what connecting and
    /// switching need: the account's servers, its Home and friends, and which server answers at an address.
    /// </summary>
    /// <param name="token">The token. A JWT is exchanged first.</param>
    /// <param name="pin">The owner's PIN, for a JWT; null if there is none.</param>
    /// <param name="address">
    /// The address for <see cref="ConnectAsync(Uri, PlexAccount, CancellationToken)"/>, if known. It is asked without a token.
    /// </param>
    /// <param name="lastAddress">
    /// Where the server answered the last time, for <see cref="ConnectAsync(ServerResource, PlexAccount, CancellationToken)"/>. It is asked
    /// without a token, and taken only if plex.tv lists it for the server, as nothing worse than those listed before it, and the server
    /// identifies itself there.
    /// </param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>
    /// The account. What was asked ahead counts for a minute, failures too, which are told where the answer is needed; later it is asked
    /// anew.
    /// </returns>
    /// <exception cref="PlexException">As for signing in.</exception>
    public async Task<PlexAccount> OpenAsync(
        string token,
        string? pin = null,
        Uri? address = null,
        Uri? lastAddress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(token);
        address = address is null ? null : PlexAddress.Require(address, nameof(address));
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var begun = new List<Task>();
        try
        {
            var ahead = AccountClient.IsSentAsIs(token) ? Begin(token) : null;
            var account = await Accounts.SignInAsync(token, pin, cancellationToken).ConfigureAwait(false);
            account.Ahead = ahead ?? Begin(account.Token);
            _ = Task.WhenAll(begun).ContinueWith(_ => stop.Dispose(), TaskScheduler.Default);
            return account;
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(begun).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stop.Dispose();
            throw;
        }

        ReadAhead Begin(string opaque)
        {
            var ahead = Accounts.Begin(opaque, _time, stop.Token) with
            {
                Address = address is null ? null : Identify(address, retry: true),
                LastAddress = PlexAddress.TryParse(lastAddress?.OriginalString, out var last) ? Identify(last, retry: false) : null,
            };
            begun.AddRange([ahead.Servers.Answer, ahead.Home.Answer, ahead.Shared.Answer]);
            return ahead;
        }

        EarlyIdentity Identify(Uri at, bool retry)
        {
            var answer = ServerIdentity.IdentifyAsync(_transport, at, retry, stop.Token);
            begun.Add(answer);
            return new(at, new(_time, answer));
        }
    }

    /// <summary>Asks plex.tv for a code with which somebody signs in by a browser (<c>/api/v2/pins</c>); no token is needed.</summary>
    /// <exception cref="PlexException">plex.tv refused or failed.</exception>
    /// <example>
    /// <code>
    /// LinkCode code = await plex.RequestLinkAsync();
    /// Console.WriteLine($"Type {code.Code} at {code.LinkUrl}.");
    /// PlexAccount account = await plex.WaitForLinkAsync(code);
    /// </code>
    /// </example>
    public Task<LinkCode> RequestLinkAsync(CancellationToken cancellationToken = default) => _links.RequestAsync(cancellationToken);

    /// <summary>
    /// Waits until somebody has confirmed the code, and signs in as them; looks after a second at first, then less and less often, down to
    /// every 5 seconds.
    /// </summary>
    /// <param name="link">
    /// From <see cref="RequestLinkAsync"/> of a client with the same <see cref="PlexClientOptions.ClientIdentifier"/>.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <remarks>
    /// A failure that may pass does not end the wait, and a pause that plex.tv asks for is kept. The account is the one that plex.tv names
    /// for the token; <see cref="PlexAccount.RevealToken"/> gives the token, for <see cref="SignInAsync(string, CancellationToken)"/> to be
    /// used the next time.
    /// </remarks>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.LinkExpired"/>, <see cref="PlexErrorKind.PinRequired"/> where plex.tv hands out a JWT and its owner has a
    /// PIN, or plex.tv refused.
    /// </exception>
    public Task<PlexAccount> WaitForLinkAsync(LinkCode link, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(link);
        return _links.WaitAsync(link, cancellationToken);
    }

    /// <summary>The members of the account's Home, its owner among them; empty without a Home.</summary>
    /// <exception cref="PlexException">plex.tv refused or failed.</exception>
    public async Task<IReadOnlyList<HomeUser>> GetHomeUsersAsync(PlexAccount account, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(account);
        return (await Accounts.GetHomeUsersAsync(account, cancellationToken).ConfigureAwait(false)).Users;
    }

    /// <summary>The people outside the Home with whom the account shares.</summary>
    /// <exception cref="PlexException">plex.tv refused or failed.</exception>
    public async Task<IReadOnlyList<PlexUser>> GetFriendsAsync(PlexAccount account, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(account);
        var home = await GetHomeUsersAsync(account, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<PlexUser> shared;
        try
        {
            shared = (await Accounts.GetSharedUsersAsync(account, cancellationToken).ConfigureAwait(false)).Users;
        }
        catch (PlexException e) when (e.Kind is PlexErrorKind.Forbidden or PlexErrorKind.NotFound)
        {
            // The account shares nothing, or may not ask.
            return [];
        }

        return shared.Where(user => user.Id != account.User.Id && !home.Any(member => member.Id == user.Id)).ToList();
    }

    /// <summary>The servers that plex.tv lists for the account.</summary>
    /// <exception cref="PlexException">plex.tv refused or failed.</exception>
    public Task<IReadOnlyList<ServerResource>> GetServersAsync(PlexAccount account, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(account);
        return Accounts.GetServersAsync(account, cancellationToken);
    }

    /// <summary>Finds one of the account's servers.</summary>
    /// <param name="account">Whose servers.</param>
    /// <param name="name">The name or the machine identifier; null for the only server that the account owns.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="PlexException">
    /// <see cref="PlexErrorKind.ServerNotFound"/>, <see cref="PlexErrorKind.ServerAmbiguous"/>, or plex.tv failed.
    /// </exception>
    /// <example>
    /// <code>
    /// ServerResource resource = await plex.FindServerAsync(owner, "NAS");
    /// PlexServer nas = await plex.ConnectAsync(resource, owner);
    /// </code>
    /// </example>
    public async Task<ServerResource> FindServerAsync(
        PlexAccount account, string? name = null, CancellationToken cancellationToken = default)
    {
        var servers = await GetServersAsync(account, cancellationToken).ConfigureAwait(false);
        RequireAny(servers, account);
        var found = name is null
            ? servers.Where(static server => server.IsOwned).ToList()
            : NameLookup.Find(servers, name, static server => [server.Name, server.MachineIdentifier.ToString()], static _ => []);
        return found switch
        {
            [var server] => server,
            [] => throw NameFailure.Unknown(
                PlexErrorKind.ServerNotFound,
                name,
                name is null ? $"'{account.User.Title}' owns no server." : $"plex.tv lists no server '{name}' for '{account.User.Title}'.",
                servers.Select(static server => server.Name).ToList()),
            _ => throw NameFailure.Ambiguous(
                PlexErrorKind.ServerAmbiguous,
                name,
                $"{found.Count} servers could be meant; name one.",
                // The identifier tells those apart that have one name.
                found.ConvertAll(server =>
                    name is not null || found.Count(other => NameComparison.EqualIgnoringCase(other.Name, server.Name)) > 1
                        ? $"{server.Name} ({server.MachineIdentifier})"
                        : server.Name)),
        };
    }

    /// <summary>Connects to the server at an address, as the account's user.</summary>
    /// <param name="address">Where the server is, e.g. <c>http://nas:32400</c>.</param>
    /// <param name="account">Who to be there.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <remarks>The token is sent only after the server has said, anonymously, that it is one of the account's.</remarks>
    /// <exception cref="PlexException">No Plex server there, not one of the account's, or it refuses the token.</exception>
    /// <example>
    /// <code>
    /// PlexServer nas = await plex.ConnectAsync(new Uri("http://nas:32400"), owner);
    /// foreach (Library library in await nas.GetLibrariesAsync())
    /// {
    ///     Console.WriteLine(library.Title);
    /// }
    /// </code>
    /// </example>
    public async Task<PlexServer> ConnectAsync(Uri address, PlexAccount account, CancellationToken cancellationToken = default)
    {
        PlexAddress.Require(address, nameof(address));
        ArgumentNullException.ThrowIfNull(account);
        var (resources, (machine, refusal)) = await Together.RunAsync(GetServersAsync, IdentifyAsync, cancellationToken)
            .ConfigureAwait(false);
        if (refusal is not null)
        {
            // Certificates are made out to names under plex.direct, never to an IP (plex-facts §9).
            throw new PlexException(refusal.Kind, refusal.Message, refusal)
            {
                Method = refusal.Method,
                Path = refusal.Path,
                Subject = refusal.Subject,
                Candidates = resources.SelectMany(static resource => resource.Addresses)
                    .Where(static uri => uri.Scheme == Uri.UriSchemeHttps)
                    .Select(static uri => uri.GetLeftPart(UriPartial.Authority))
                    .ToList(),
            };
        }

        var listed = resources.FirstOrDefault(resource => resource.MachineIdentifier == machine)
            ?? throw new PlexException(
                PlexErrorKind.NotShared, $"The server at {address.Authority} is none of those plex.tv lists for '{account.User.Title}'.")
            {
                Subject = address.Authority,
                Candidates = resources.Select(static resource => resource.Name).ToList(),
            };
        return await ConnectAsync(address, listed, account, cancellationToken).ConfigureAwait(false);

        async Task<IReadOnlyList<ServerResource>> GetServersAsync(CancellationToken either)
        {
            var servers = await Accounts.GetServersAsync(account, either).ConfigureAwait(false);
            RequireAny(servers, account);
            return servers;
        }

        async Task<(MachineIdentifier Machine, PlexException? Refusal)> IdentifyAsync(CancellationToken either)
        {
            try
            {
                var early = account.Ahead?.Address is { } given && given.Address == address ? given.Machine : null;
                return (await (early?.GetAsync(AskAsync, either) ?? AskAsync()).ConfigureAwait(false), null);
            }
            catch (PlexException e) when (e.IsOfTls)
            {
                return (default, e);
            }

            Task<MachineIdentifier> AskAsync() => ServerIdentity.IdentifyAsync(_transport, address, retry: true, either);
        }
    }

    /// <summary>
    /// Connects to a listed server by the best address that answers: local before remote, https before http, relays last.
    /// </summary>
    /// <param name="resource">The server, from <see cref="GetServersAsync"/> of the same account.</param>
    /// <param name="account">Who to be there.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="PlexException">No address leads to that server, or it refuses the token.</exception>
    public async Task<PlexServer> ConnectAsync(ServerResource resource, PlexAccount account, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(account);
        var search = new AddressSearch(resource, _transport, _time, _loggers.CreateLogger<PlexClient>());
        var address = await search.FindAsync(account.Ahead?.LastAddress, cancellationToken).ConfigureAwait(false);
        return await ConnectAsync(address, resource, account, cancellationToken).ConfigureAwait(false);
    }

    internal ILogger<T> CreateLogger<T>() => _loggers.CreateLogger<T>();

    internal async Task<UserDirectory> GetDirectoryAsync(PlexAccount account, CancellationToken cancellationToken)
    {
        var listed = Accounts.GetHomeUsersAsync(account, cancellationToken);
        var shared = Accounts.GetSharedUsersAsync(account, cancellationToken);
        await ((Task)Task.WhenAll(shared, listed)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var home = await listed.ConfigureAwait(false);
        var (friends, error) = (new UserList<PlexUser>([], []), (PlexException?)null);
        try
        {
            friends = await shared.ConfigureAwait(false);
        }
        catch (PlexException e)
        {
            Log.FriendsUnknown(_loggers.CreateLogger<PlexClient>(), account.User.Title, e.Message);
            error = e;
        }

        return new UserDirectory(account.User, home.Users, friends.Users, error)
        {
            Unidentified = [.. home.Unidentified, .. friends.Unidentified],
        };
    }

    private async Task<PlexServer> ConnectAsync(
        Uri address, ServerResource resource, PlexAccount account, CancellationToken cancellationToken)
    {
        var server = await _servers.ConnectAsync(address, resource, account, cancellationToken).ConfigureAwait(false);
        Log.Connected(_loggers.CreateLogger<PlexClient>(), server.Name, server.Version, address.Authority, account.User.Title);
        return server;
    }

    private static void RequireAny(IReadOnlyList<ServerResource> servers, PlexAccount account)
    {
        if (servers.Count == 0)
        {
            throw new PlexException(
                PlexErrorKind.NoServer, $"No server is signed in to the account '{account.User.Title}', or shared with it.")
            {
                Subject = account.User.Title,
            };
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1100, LogLevel.Information, "Connected to '{Server}' {Version} at {Address} as '{User}'")]
        public static partial void Connected(ILogger logger, string server, string? version, string address, string user);

        [LoggerMessage(
            1105,
            LogLevel.Warning,
            "The friends of '{User}' could not be read; users are found by id and by exact names in the Home: {Reason}")]
        public static partial void FriendsUnknown(ILogger logger, string user, string reason);
    }
}
