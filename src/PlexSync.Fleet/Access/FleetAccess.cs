using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace PlexSync.Fleet.Access;

/// <summary>Who may see and do something: somebody with the secret, or whom the reverse proxy names. Nobody else.</summary>
internal static class FleetAccess
{
    /// <summary>Who has the secret.</summary>
    public const string Administrator = "admin";

    /// <summary>The policy of requests that a browser cannot be tricked into: the secret comes with each of them.</summary>
    public const string OnlyBearer = "OnlyBearer";

    /// <summary>The limit of attempts to sign in.</summary>
    public const string SigningIn = "SigningIn";

    public const int AttemptsPerMinute = 10;

    public const string LoginPath = "/login";

    /// <summary>How somebody with a cookie was authenticated.</summary>
    public const string Session = CookieAuthenticationDefaults.AuthenticationScheme;

    private const string Any = "Fleet";

    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    public static IServiceCollection AddFleetAccess(this IServiceCollection services)
    {
        services.AddAuthentication(Any)
            .AddPolicyScheme(Any, displayName: null, static options => options.ForwardDefaultSelector = FindScheme)
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.Name, configureOptions: null)
            .AddScheme<AuthenticationSchemeOptions, ProxyHandler>(ProxyHandler.Name, configureOptions: null)
            .AddCookie(static options =>
            {
                options.LoginPath = LoginPath;
                options.ReturnUrlParameter = "next";
                options.ExpireTimeSpan = TimeSpan.FromHours(12);
                options.SlidingExpiration = true;
                Protect(options.Cookie, "fleet");
            });
        // A change of the secret ends all sessions: they can no longer be decrypted.
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme)
            .Configure<IDataProtectionProvider, IOptions<FleetOptions>>(static (options, protection, fleet) =>
                options.DataProtectionProvider =
                    protection.CreateProtector("PlexSync.Fleet.Sessions.v1", FingerprintOf(fleet.Value.Secret)));
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(
                OnlyBearer, static policy => policy.AddAuthenticationSchemes(BearerHandler.Name).RequireAuthenticatedUser());
        services.AddAntiforgery(static options =>
        {
            // The policy of contents forbids frames.
            options.SuppressXFrameOptionsHeader = true;
            Protect(options.Cookie, "fleet-form");
        });
        services.AddRateLimiter(static options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.AddPolicy(SigningIn, static context => HttpMethods.IsPost(context.Request.Method)
                ? RateLimitPartition.GetFixedWindowLimiter(
                    NetworkOf(context.Connection.RemoteIpAddress),
                    static _ => new FixedWindowRateLimiterOptions { PermitLimit = AttemptsPerMinute, Window = TimeSpan.FromMinutes(1) })
                : RateLimitPartition.GetNoLimiter(""));
        });
        // After what the host makes of AllowedHosts, which lets every name through by default.
        services.AddOptions<HostFilteringOptions>().PostConfigure<IOptions<FleetOptions>>(static (options, fleet) =>
        {
            options.AllowedHosts = [.. Loopback, .. fleet.Value.Hosts];
            options.AllowEmptyHosts = false;
            options.IncludeFailureMessage = false;
        });
        // The proxy's word that a person came by https counts, for the cookies. Where requests came from never changes: that is the proxy.
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<FleetOptions>>(static (options, fleet) =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedProto;
            options.KnownIPNetworks.Clear();
            options.KnownProxies.Clear();
            foreach (var address in fleet.Value.Proxy.Addresses)
            {
                options.KnownProxies.Add(IPAddress.Parse(address));
            }
        });
        return services;
    }

    /// <summary>What comes before everything that answers.</summary>
    public static void UseFleetHeaders(this WebApplication app)
    {
        app.Use(static (context, next) =>
        {
            context.Response.OnStarting(
                static state =>
                {
                    var headers = ((HttpContext)state).Response.Headers;
                    headers.TryAdd(
                        "Content-Security-Policy",
                        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
                        + "img-src 'self' data:");
                    headers.XContentTypeOptions = "nosniff";
                    headers["Referrer-Policy"] = "no-referrer";
                    headers.CacheControl = "no-store";
                    return Task.CompletedTask;
                },
                context);
            return next(context);
        });
        app.UseHostFiltering();
        // With no address the framework would believe every one.
        if (app.Services.GetRequiredService<IOptions<FleetOptions>>().Value.Proxy.Addresses.Count > 0)
        {
            app.UseForwardedHeaders();
        }
    }

    public static AuthenticationTicket TicketOf(string name, string scheme) => new(PrincipalOf(name, scheme), scheme);

    public static ClaimsPrincipal PrincipalOf(string name, string scheme) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], scheme));

    private static string FindScheme(HttpContext context) =>
        BearerHandler.IsMeant(context.Request) ? BearerHandler.Name
        : ProxyHandler.FindUser(context, context.RequestServices.GetRequiredService<IOptions<FleetOptions>>().Value.Proxy) is not null
            ? ProxyHandler.Name
        : CookieAuthenticationDefaults.AuthenticationScheme;

    private static void Protect(CookieBuilder cookie, string name)
    {
        cookie.Name = name;
        cookie.HttpOnly = true;
        cookie.SameSite = SameSiteMode.Strict;
        cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
    }

    private static string FingerprintOf(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>The address; for IPv6 its network, which has 2^64 addresses for one visitor to take.</summary>
    private static string NetworkOf(IPAddress? address)
    {
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false })
        {
            return $"{address}";
        }

        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}
