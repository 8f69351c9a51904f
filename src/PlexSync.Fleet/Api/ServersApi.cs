using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using PlexSync.Fleet.Access;
using PlexSync.Fleet.Catalogue;
using PlexSync.Fleet.Scheduling;

namespace PlexSync.Fleet.Api;

/// <summary>Servers, for scripts. They send the secret with each request: no browser can be made to send one for somebody.</summary>
internal static class ServersApi
{
    private const string Path = "/api";

    /// <summary>The most bytes of a server: some thousand jobs.</summary>
    private const int LargestServer = 1024 * 1024;

    public static bool IsMeant(HttpRequest request) => request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase);

    public static void MapServers(this WebApplication app)
    {
        var servers = app.MapGroup($"{Path}/servers").RequireAuthorization(FleetAccess.OnlyBearer);
        servers.MapGet("/", ListAsync);
        servers.MapPut("/{name}", SaveAsync);
        servers.MapDelete("/{name}", RemoveAsync);
    }

    private static async Task<IResult> ListAsync(
        ServerCatalogue catalogue, IFleetDirector director, CancellationToken cancellationToken)
    {
        var next = await director.GetNextRunsAsync(server: null, cancellationToken).ConfigureAwait(false);
        List<ServerAnswer> answers =
        [
            .. (await catalogue.ListAsync(cancellationToken).ConfigureAwait(false)).Select(server => new ServerAnswer(
                server.Name,
                server.Server,
                server.Every,
                server.IsLive,
                server.IsConfigured,
                server.Machine,
                server.Jobs.ToDictionary(
                    static job => job.Name,
                    job => new JobAnswer(
                        job.Job,
                        job.IsPaused,
                        next.TryGetValue((server.Name, job.Name), out var run) ? run : null,
                        job.State)))),
        ];
        return Results.Json(answers, FleetJson.Default.ListServerAnswer);
    }

    private static async Task<IResult> SaveAsync(
        string name, HttpRequest request, IFleetDirector director, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType())
        {
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = LargestServer;
        }

        try
        {
            using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellationToken).ConfigureAwait(false);
            var (server, secrets) = new ServerDocument().Read(name, body.RootElement);
            await director.SaveAsync(server, secrets, cancellationToken).ConfigureAwait(false);
            return Results.NoContent();
        }
        catch (JsonException)
        {
            // Its message may quote the body, which has a token.
            return Refuse("The body is not JSON.");
        }
        catch (PlexException e) when (e.Category is PlexErrorCategory.Usage && e.Kind is not PlexErrorKind.JournalFailed)
        {
            return Refuse(e.Message);
        }
    }

    private static async Task<IResult> RemoveAsync(string name, IFleetDirector director, CancellationToken cancellationToken) =>
        await director.RemoveAsync(name, cancellationToken).ConfigureAwait(false) ? Results.NoContent()
            : Results.Problem($"The fleet has no server '{name}'.", statusCode: StatusCodes.Status404NotFound);

    private static IResult Refuse(string sentence) => Results.Problem(sentence, statusCode: StatusCodes.Status400BadRequest);
}

/// <summary>A server as scripts see it: without its secrets, which nothing reads back.</summary>
internal sealed record ServerAnswer(
    string Name,
    string? Server,
    TimeSpan? Every,
    bool Live,
    bool Configured,
    MachineIdentifier? Machine,
    IReadOnlyDictionary<string, JobAnswer> Jobs);

/// <summary>A job as scripts see it.</summary>
internal sealed record JobAnswer(SyncJob Job, bool Paused, DateTimeOffset? NextRun, JobState State);
