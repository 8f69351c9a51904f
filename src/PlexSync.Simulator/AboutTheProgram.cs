using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Cocona.Application;

namespace PlexSync.Simulator;

/// <summary>What help and <c>--version</c> call it, however it was started.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Created by the container.")]
internal sealed class AboutTheProgram : ICoconaApplicationMetadataProvider
{
    public string GetExecutableName() => GetProductName();

    public string GetProductName() => "plexsync-simulator";

    public string GetDescription() => "";

    public string GetVersion() =>
        typeof(AboutTheProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
