using System.Net;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace PlexSync.Fleet.Access;

/// <summary>A reverse proxy has asked the person who they are, and says so in a header.</summary>
internal sealed class ProxyHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory logs, UrlEncoder encoder, IOptions<FleetOptions> options)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, logs, encoder)
{
    public const string Name = "Proxy";

    public const string SecretHeader = "X-Fleet-Proxy-Secret";

    /// <summary>
    /// Who the proxy says it is; null if the request does not come from its address, lacks its secret, or names nobody. A header that is
    /// there twice may be half the proxy's and half the visitor's: it names nobody.
    /// </summary>
    public static string? FindUser(HttpContext context, ProxyOptions proxy) =>
        IsProxy(context.Connection.RemoteIpAddress, proxy)
        && context.Request.Headers[SecretHeader] is [{ } secret] && Secrets.AreEqual(secret, proxy.Secret)
        && context.Request.Headers[proxy.UserHeader] is [{ } user] && !string.IsNullOrWhiteSpace(user)
            ? user.Trim()
            : null;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        FindUser(Context, options.Value.Proxy) is { } user
            ? AuthenticateResult.Success(FleetAccess.TicketOf(user, Scheme.Name))
            : AuthenticateResult.NoResult());

    private static bool IsProxy(IPAddress? remote, ProxyOptions proxy) =>
        remote is not null && proxy.Addresses.Any(address => Plain(IPAddress.Parse(address)).Equals(Plain(remote)));

    /// <summary>A socket for both kinds of addresses tells those of IPv4 as IPv6.</summary>
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
