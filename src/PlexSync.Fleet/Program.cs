using Microsoft.Extensions.Options;
using PlexSync;
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
catch (OptionsValidationException e)
{
    foreach (var failure in e.Failures)
    {
        await Console.Error.WriteLineAsync(failure).ConfigureAwait(false);
    }

    return 2;
}
catch (PlexException e)
{
    await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
    return 2;
}
