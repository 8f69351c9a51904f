using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PlexSync.Cli;

namespace PlexSync.Fleet.Health;

/// <summary>What the fleet tells OpenTelemetry. It is sent only where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to.</summary>
internal static class Telemetry
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The meters and activity sources: those of this repository, of the database and of the scheduler.</summary>
    private static readonly string[] Sources = ["PlexSync", "PlexSync.Fleet", "Npgsql", "Quartz"];

    public static IServiceCollection AddFleetTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var isSent = !string.IsNullOrEmpty(configuration[Endpoint]);
        var telemetry = services.AddOpenTelemetry().WithMetrics(metrics =>
        {
            metrics.AddMeter(Sources).AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddPrometheusExporter();
            if (isSent)
            {
                metrics.AddOtlpExporter();
            }
        });
        services.ConfigureOpenTelemetryMeterProvider(
            static (provider, metrics) => metrics.ConfigureResource(resource => Name(resource, provider)));
        if (isSent)
        {
            telemetry.WithTracing(static tracing => tracing
                .AddSource(Sources)
                // Nobody wants to see that each node was asked every few seconds whether it is well.
                .AddAspNetCoreInstrumentation(static options => options.Filter = static context =>
                    !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
                    && !context.Request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal))
                .AddOtlpExporter());
            services.ConfigureOpenTelemetryTracerProvider(
                static (provider, tracing) => tracing.ConfigureResource(resource => Name(resource, provider)));
        }

        return services;
    }

    private static void Name(ResourceBuilder resource, IServiceProvider provider) => resource.AddService(
        "plexsync-fleet",
        serviceVersion: CommandContext.Version,
        serviceInstanceId: provider.GetRequiredService<IOptions<FleetOptions>>().Value.Node);
}
