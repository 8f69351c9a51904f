using Cocona.Command;
using Cocona.Command.Binder;
using Cocona.CommandLine;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Parsing;

/// <summary>Gives a command its values: those of its options by the precedence of <see cref="Settings"/>, and the word typed.</summary>
internal sealed class OptionBinder(CommandCatalog catalog, Settings settings, CancellationToken cancellationToken) : ICoconaParameterBinder
{
    public object?[] Bind(
        CommandDescriptor commandDescriptor,
        IReadOnlyList<CommandOption> commandOptions,
        IReadOnlyList<CommandArgument> commandArguments) =>
        commandDescriptor.Parameters.Select(parameter => parameter switch
        {
            CommandArgumentDescriptor argument => commandArguments.ElementAtOrDefault(argument.Order).Value,
            CommandServiceParameterDescriptor service when service.ServiceType == typeof(CancellationToken) => cancellationToken,
            _ => Bind(parameter, settings, catalog),
        }).ToArray();

    public static object? Bind(ICommandParameterDescriptor parameter, Settings settings, CommandCatalog catalog)
    {
        switch (parameter)
        {
            case CommandOptionDescriptor option when option.OptionType == typeof(bool):
                return settings.IsOn(option.Name);
            case CommandOptionDescriptor option when option.OptionType == typeof(string[]):
                return settings.GetAll(option.Name).ToArray();
            case CommandOptionDescriptor option:
                return settings.Find(option.Name);
            case CommandParameterSetDescriptor set:
                var values = catalog.CreateSet(set.ParameterSetType);
                foreach (var member in set.Members)
                {
                    member.Setter(values, Bind(member.ParameterDescriptor, settings, catalog));
                }

                return values;
            default:
                throw new NotSupportedException(parameter.Name);
        }
    }
}
