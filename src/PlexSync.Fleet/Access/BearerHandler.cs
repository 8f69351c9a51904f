using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace PlexSync.Fleet.Access;

/// <summary>Scripts send the secret with each request: <c>Authorization: Bearer</c>. No browser does that by itself.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory logs, UrlEncoder encoder, IOptions<FleetOptions> options)
    : AuthenticationHandler<AuthenticationSchemeOptions>(schemes, logs, encoder)
{
    public const string Name = "Bearer";

    private const string Prefix = "Bearer ";

    /// <summary>Whether a request comes with something of that kind.</summary>
    public static bool IsMeant(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        !IsMeant(Request) ? AuthenticateResult.NoResult()
        : Secrets.AreEqual(Request.Headers.Authorization.ToString()[Prefix.Length..], options.Value.Secret)
            ? AuthenticateResult.Success(FleetAccess.TicketOf(FleetAccess.Administrator, Scheme.Name))
            : AuthenticateResult.Fail("The secret is wrong."));

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = Name;
        return base.HandleChallengeAsync(properties);
    }
}
