using System.Reflection;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.Extensions.DependencyInjection.Extensions;
using PlexSync.Fleet.Access;
using PlexSync.Fleet.Api;
using PlexSync.Fleet.Health;
using PlexSync.Fleet.Storage;

namespace PlexSync.Fleet.Pages;

/// <summary>All that a node answers: pages, their protection, the programming interface, health and telemetry.</summary>
/// <remarks>
/// The host brings <see cref="FleetOptions"/>, data protection with keys that all nodes share, and what the pages show:
/// <c>Database</c>, <c>ServerCatalogue</c>, <c>Orders</c>, <c>PostgresStore</c> and <c>IFleetDirector</c>.
/// </remarks>
internal static class FleetPages
{
    private static readonly Assembly Own = typeof(FleetPages).Assembly;

    public static IServiceCollection AddFleetPages(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddFleetAccess();
        services.AddFleetTelemetry(configuration);
        services.AddSingleton<DatabaseCheck>();
        services.AddHealthChecks().AddCheck<DatabaseCheck>("database", timeout: DatabaseCheck.Patience);
        services.AddRazorPages().ConfigureApplicationPartManager(static manager =>
        {
            // They are found by themselves only where this assembly is the program.
            if (!manager.ApplicationParts.Any(static part => part is CompiledRazorAssemblyPart { Assembly: var known } && known == Own))
            {
                foreach (var part in ApplicationPartFactory.GetApplicationPartFactory(Own).GetApplicationParts(Own))
                {
                    manager.ApplicationParts.Add(part);
                }
            }
        });
        return services;
    }

    public static WebApplication UseFleetPages(this WebApplication app)
    {
        app.UseFleetHeaders();
        app.UseExceptionHandler(static failed => failed.Run(static context =>
        {
            var (status, sentence) = Describe(context.Features.Get<IExceptionHandlerFeature>()?.Error);
            return AnswerAsync(context, status, sentence);
        }));
        app.UseStatusCodePages(static context =>
            AnswerAsync(context.HttpContext, context.HttpContext.Response.StatusCode, Describe(context.HttpContext.Response.StatusCode)));
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapRazorPages();
        app.MapGet("/servers/{server}/runs/{run}", RunReport.ShowAsync);
        app.MapGet("/style.css", static () => Results.Stream(Own.GetManifestResourceStream("style.css")!, "text/css; charset=utf-8"))
            .AllowAnonymous();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = static _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready").AllowAnonymous();
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapServers();
        return app;
    }

    private static (int Status, string Sentence) Describe(Exception? error) => error switch
    {
        _ when Database.IsFailure(error is PlexException known ? known.InnerException : error) => (
            StatusCodes.Status503ServiceUnavailable, "The database does not answer. Try again in a minute."),
        PlexException e => (StatusCodes.Status409Conflict, e.Message),
        BadHttpRequestException e => (e.StatusCode, Describe(e.StatusCode)),
        _ => (StatusCodes.Status500InternalServerError, "This failed unexpectedly. The log of the node says why."),
    };

    private static string Describe(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "This request is not valid. Go back, reload the page and try again.",
        StatusCodes.Status401Unauthorized => "This needs the admin secret.",
        StatusCodes.Status403Forbidden => "This is not allowed.",
        StatusCodes.Status404NotFound => "There is nothing at this address.",
        StatusCodes.Status405MethodNotAllowed => "This address does not take such requests.",
        StatusCodes.Status413PayloadTooLarge => "The request is too large.",
        StatusCodes.Status415UnsupportedMediaType => "The body must be JSON (Content-Type: application/json).",
        StatusCodes.Status429TooManyRequests => "Too many attempts. Try again in a minute.",
        _ => "This failed.",
    };

    /// <summary>A sentence and nothing else, which no browser takes for markup; a problem as JSON for scripts.</summary>
    private static Task AnswerAsync(HttpContext context, int status, string sentence) =>
        (ServersApi.IsMeant(context.Request) ? Results.Problem(sentence, statusCode: status)
            : Results.Text(sentence, "text/plain; charset=utf-8", statusCode: status)).ExecuteAsync(context);
}
