using Cocona.Command;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Parsing;

/// <summary>A command: what Cocona's attributes say of it, and how it differs from the others.</summary>
/// <param name="name">What is typed for it.</param>
/// <param name="describe">Reads the attributes.</param>
/// <param name="create">Makes the command, to be run once.</param>
internal sealed class CommandDefinition(string name, Func<CommandDescriptor> describe, Func<CommandContext, object> create)
{
    public string Name => name;

    public CommandDescriptor Descriptor => field ??= describe();

    /// <summary>What it takes besides what every command takes.</summary>
    public IReadOnlyList<Setting> Settings => field ??= CommandCatalog.SettingsOf(Descriptor.Parameters);

    /// <summary>What the help calls the words that the command takes without a dash; none for most.</summary>
    public IReadOnlyList<string> ArgumentNames => field ??= [.. Descriptor.Arguments.Select(static argument => argument.Name)];

    /// <summary>It does nothing without these words.</summary>
    public bool NeedsArguments => Descriptor.Arguments is [{ IsRequired: true }, ..];

    public TraitsAttribute Traits => field ??= Descriptor.Metadata.OfType<TraitsAttribute>().FirstOrDefault() ?? new();

    public object Create(CommandContext context) => create(context);
}

/// <summary>How a command differs from the others before it runs.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TraitsAttribute : Attribute
{
    /// <summary>It runs with settings that are wrong, too, to say what is.</summary>
    public bool IsDiagnosis { get; init; }

    /// <summary>It is about the account, whatever server is meant.</summary>
    public bool IgnoresServer { get; init; }

    /// <summary>With --json it prints a document a line, a failure included.</summary>
    public bool PrintsLines { get; init; }

    /// <summary>It does the same whatever is configured, and whatever is wrong with that.</summary>
    public bool ReadsNoFile { get; init; }
}
