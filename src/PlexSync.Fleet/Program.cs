using PlexSync.Fleet;
using PlexSync.Fleet.Health;

if (args is ["health"])
{
    return await OwnHealth.AskAsync().ConfigureAwait(false);
}

try
{
    await FleetHost.Build(args).RunAsync().ConfigureAwait(false);
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
