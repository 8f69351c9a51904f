using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PlexSync;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers PlexSync.</summary>
/// <example>
/// <code>
/// services.AddSingleton&lt;ISyncStore&gt;(new FileStore(folder));
/// services.AddPlexSync(options =&gt; options.ClientIdentifier = "my-app-instance");
/// </code>
/// </example>
public static class PlexSyncServiceCollectionExtensions
{
    /// <summary>Registers <see cref="PlexClient"/> and <see cref="WatchStateSynchronizer"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; at least <see cref="PlexClientOptions.ClientIdentifier"/>.</param>
    /// <returns>
    /// The builder of the HTTP client underneath, for handlers of one's own. A handler that sends requests again must leave those with
    /// content alone: they are the ones that must not be repeated.
    /// </returns>
    /// <remarks>
    /// The logs of the HTTP client factory are off, since they would show headers and URLs; the library logs every request itself.
    /// </remarks>
    public static IHttpClientBuilder AddPlexSync(this IServiceCollection services, Action<PlexClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<PlexClientOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PlexClientOptions>, PlexClientOptionsValidator>());
        services.TryAddSingleton<WatchStateSynchronizer>();
        return services.AddHttpClient(nameof(PlexClient))
            .AddTypedClient(static (http, provider) => new PlexClient(
                http,
                provider.GetRequiredService<IOptions<PlexClientOptions>>().Value,
                provider.GetService<ILoggerFactory>(),
                provider.GetService<TimeProvider>()))
            .ConfigurePrimaryHttpMessageHandler(PlexClient.CreateHttpHandler)
            // PlexClient has a timeout per attempt.
            .ConfigureHttpClient(static http => http.Timeout = Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
    }
}
