using Cocona;
using PlexSync;

namespace SearchAndMark;

/// <summary>Where to search, and as whom. The token is secret and therefore no option: PLEX_TOKEN.</summary>
internal sealed class Connection : ICommandParameterSet
{
    [Option('s', Description = "Where the server is.")]
    [HasDefaultValue]
    public string Server { get; set; } = "http://localhost:32400";

    [Option('u', Description = "The Home user to look as; the owner of the token when absent.")]
    [HasDefaultValue]
    public string? User { get; set; }

    [Option(Description = "Where runs are recorded.")]
    [HasDefaultValue]
    public string StateFolder { get; set; } = "state";

    public async Task<PlexServer> OpenAsync()
    {
        var token = Environment.GetEnvironmentVariable("PLEX_TOKEN")
            ?? throw new CommandExitedException("PLEX_TOKEN has to hold the token of the server's owner.", 2);
        var options = new PlexClientOptions { ClientIdentifier = "search-and-mark" };
        if (Environment.GetEnvironmentVariable("PLEX_ACCOUNT_URL") is { Length: > 0 } url)
        {
            options.AccountUrl = new Uri(url);
        }

        var plex = new PlexClient(new HttpClient(PlexClient.CreateHttpHandler()), options);
        var account = await plex.SignInAsync(token);
        var owner = await plex.ConnectAsync(new Uri(Server), account);
        return User is null ? owner : await new HomeUserSwitcher(plex, account).SwitchAsync(owner, User);
    }
}
