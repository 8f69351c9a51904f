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
