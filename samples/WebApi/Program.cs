// Plans on request, and applies the plan that is sent back. Everything is in appsettings.json but the token, which is secret:
//   Plex__Token=… dotnet run --project samples/WebApi --urls http://localhost:5080
//   curl http://localhost:5080/plans/Kid > plan.json
//   curl -H 'Content-Type: application/json' -d @plan.json http://localhost:5080/plans/Kid
// Who may call it is for you to add: it asks nobody for a password.
using PlexSync;
using WebApi;

var builder = WebApplication.CreateBuilder(args);
var plex = builder.Configuration.GetSection("Plex");

builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
builder.Services.AddProblemDetails().AddExceptionHandler<PlexProblems>();
builder.Services.AddSingleton<ISyncStore>(new FileStore(plex["StateFolder"] ?? "state"));
builder.Services.AddPlexSync(options => plex.Bind("Client", options));
builder.Services.Configure<HouseholdOptions>(plex).AddSingleton<Household>();

var app = builder.Build();
app.UseExceptionHandler();

app.MapGet("/plans/{user}", async (string user, Household household, WatchStateSynchronizer synchronizer, CancellationToken aborted) =>
{
    var owner = await household.OwnerAsync(aborted);
    var target = await household.UserAsync(owner, user, aborted);
    return await synchronizer.PlanAsync(owner, target, cancellationToken: aborted);
});

app.MapPost("/plans/{user}", async (string user, SyncPlan plan, Household household, WatchStateSynchronizer synchronizer) =>
{
    var owner = await household.OwnerAsync(CancellationToken.None);
    var target = await household.UserAsync(owner, user, CancellationToken.None);
    return await synchronizer.ApplyAsync(plan, owner, target);
});

await app.RunAsync();
