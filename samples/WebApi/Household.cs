using Microsoft.Extensions.Options;
using PlexSync;

namespace WebApi;

/// <summary>What the app has to know: in appsettings.json, but for the token, which is secret (<c>Plex__Token</c>).</summary>
internal sealed class HouseholdOptions
{
    public Uri Server { get; set; } = new("http://localhost:32400");

    public string Token { get; set; } = "";
}

/// <summary>The server, as its owner and as the users of the Home.</summary>
internal sealed class Household(PlexClient plex, IOptions<HouseholdOptions> options)
{
    public async Task<PlexServer> OwnerAsync(CancellationToken cancellationToken)
    {
        var account = await plex.SignInAsync(options.Value.Token, cancellationToken: cancellationToken);
        return await plex.ConnectAsync(options.Value.Server, account, cancellationToken);
    }

    public async Task<PlexServer> UserAsync(PlexServer owner, string user, CancellationToken cancellationToken)
    {
        var account = await plex.SignInAsync(options.Value.Token, cancellationToken: cancellationToken);
        return await new HomeUserSwitcher(plex, account).SwitchAsync(owner, user, cancellationToken: cancellationToken);
    }
}
