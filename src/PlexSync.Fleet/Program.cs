using PlexSync.Fleet;
using PlexSync.Fleet.Health;
using PlexSync.Fleet.Running;

if (args is ["health"])
{
    return await OwnHealth.AskAsync().ConfigureAwait(false);
}

try
{
    var fleet = FleetHost.Build(args);
    var node = fleet.Services.GetRequiredService<FleetNode>();
    await fleet.RunAsync().ConfigureAwait(false);
    return node.IsReplaced ? 2 : 0;
}
catch (OperationCanceledException)
{
    // It was stopped before it was up.
    return 0;
}
catch (Exception e) when (StartFailure.Describe(e) is { } sentences)
{
    foreach (var sentence in sentences)
    {
        await Console.Error.WriteLineAsync(sentence).ConfigureAwait(false);
    }

    return 2;
}
