using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace PlexSync.Hosting;

/// <summary>Checks the options when the host starts: a sentence for each failure, which names the key and repeats no secret.</summary>
/// <param name="path">The path of the section.</param>
/// <param name="time">The clock.</param>
internal sealed class PlexSyncOptionsValidator(string path, TimeProvider time) : IValidateOptions<PlexSyncOptions>
{
    public ValidateOptionsResult Validate(string? name, PlexSyncOptions options)
    {
        var failures = new List<string>();
        if (string.IsNullOrWhiteSpace(options.Token))
        {
            var token = Key(nameof(options.Token));
            var variable = token.Replace(":", "__", StringComparison.Ordinal);
            failures.Add($"{token} is missing, the token of the server's owner: set the variable {variable}, or a secret.");
        }

        if (string.IsNullOrWhiteSpace(options.StateFolder))
        {
            failures.Add($"{Key(nameof(options.StateFolder))} is missing: a folder for the journal.");
        }
        else
        {
            RequireLive(options, failures);
        }

        if (options.Jobs.Count == 0)
        {
            failures.Add($"{Key(nameof(options.Jobs))} is missing: a job at least, such as {Key(nameof(options.Jobs), "kid", "To", "0")}.");
        }

        RequireServer(Key(nameof(options.Server)), options.Server, failures);
        foreach (var job in options.Jobs.Values)
        {
            var key = Key(nameof(options.Jobs), job.Name!);
            if (job.Server != options.Server)
            {
                RequireServer($"{key}:{nameof(job.Server)}", job.Server, failures);
            }

            try
            {
                job.Validate(time);
            }
            catch (PlexException e)
            {
                failures.Add($"{key}:{e.Option}: {e.Message}");
            }
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private string Key(params string[] keys) => ConfigurationPath.Combine([path, .. keys]);

    /// <summary>Checks them as the synchronizer does, which keeps nothing before it runs.</summary>
    private void RequireLive(PlexSyncOptions options, List<string> failures)
    {
        try
        {
            _ = new LiveSynchronizer(new FileStore(options.StateFolder, time), options.Live, timeProvider: time);
        }
        catch (PlexException e)
        {
            failures.Add($"{Key(nameof(options.Live), e.Option!)}: {e.Message}");
        }
    }

    /// <summary>
    /// Refuses what is meant to be an address and is none. It is not repeated: it may hold a token.
    /// </summary>
    private static void RequireServer(string key, string? server, List<string> failures)
    {
        if (server is not null && (string.IsNullOrWhiteSpace(server) || (LooksLikeAddress(server) && !IsAddress(server))))
        {
            failures.Add(
                $"{key} must be the name of a server, its machine identifier, or an http or https address such as http://nas:32400.");
        }
    }

    private static bool LooksLikeAddress(string server) => server.AsSpan().ContainsAny("/?@=")
        || (server.LastIndexOf(':') is >= 0 and var colon && ushort.TryParse(server.AsSpan(colon + 1), out _));

    private static bool IsAddress(string server) => Uri.TryCreate(server, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address is { Host.Length: > 0, UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 };
}
