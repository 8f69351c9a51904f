using Microsoft.Extensions.DependencyInjection;

namespace PlexSync.Hosting;

/// <summary>Goes on with what <c>AddPlexSync</c> began.</summary>
public sealed class PlexSyncBuilder
{
    internal PlexSyncBuilder(IServiceCollection services, IHttpClientBuilder httpClient) => (Services, HttpClient) = (services, httpClient);

    /// <summary>The services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// The builder of the HTTP client underneath, for handlers of one's own. A handler that sends requests again must leave those with
    /// content alone: they are the ones that must not be repeated.
    /// </summary>
    public IHttpClientBuilder HttpClient { get; }

    /// <summary>Adds a job, or changes the one of that name that the configuration has.</summary>
    /// <param name="name">The name, which logs and metrics show; capitals do not matter.</param>
    /// <param name="configure">Says whose state goes to whom. It comes after the configuration.</param>
    /// <returns>The same builder.</returns>
    public PlexSyncBuilder AddJob(string name, Action<SyncJob> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure<PlexSyncOptions>(options =>
        {
            if (!options.Jobs.TryGetValue(name, out var job))
            {
                options.Jobs.Add(name, job = new SyncJob());
            }

            configure(job);
        });
        return this;
    }
}
