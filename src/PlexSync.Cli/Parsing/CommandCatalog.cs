using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Cocona;
using Cocona.Command;
using PlexSync.Cli.Commands;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Parsing;

/// <summary>
/// The commands, as Cocona's attributes on their classes describe them. They are read here, each when it is needed, because Cocona's own
/// provider is not safe under native AOT (docs/decisions/0001).
/// </summary>
internal sealed class CommandCatalog
{
    public static readonly CommandCatalog Instance = new CommandCatalog()
        .With<CommonOptions>().With<PairOptions>().With<PlanOptions>().With<AcrossOptions>().With<JobOptions>().With<RuleOptions>()
        .With<ItemOptions>().With<ReadingOptions>().With<WatchOptions>().With<ShownOptions>().With<OutcomeOptions>().With<WriteOptions>()
        .Add("setup", static context => new SetupCommand(context))
        .Add("sync", static context => new SyncCommand(context))
        .Add("watch", static context => new WatchCommand(context))
        .Add("status", static context => new StatusCommand(context))
        .Add("plan", static context => new PlanCommand(context))
        .Add("merge", static context => new MergeCommand(context))
        .Add("explain", static context => new ExplainCommand(context))
        .Add("apply", static context => new ApplyCommand(context))
        .Add("undo", static context => new UndoCommand(context))
        .Add("runs", static context => new RunsCommand(context))
        .Add("snapshot", static context => new SnapshotCommand(context))
        .Add("restore", static context => new RestoreCommand(context))
        .Add("import", static context => new ImportCommand(context))
        .Add("login", static context => new LoginCommand(context))
        .Add("logout", static context => new LogoutCommand(context))
        .Add("users", static context => new UsersCommand(context))
        .Add("libraries", static context => new LibrariesCommand(context))
        .Add("servers", static context => new ServersCommand(context))
        .Add("doctor", static context => new DoctorCommand(context))
        .Add("completion", static context => new CompletionCommand(context));

    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private readonly Dictionary<Type, OptionSet> _sets = [];
    private readonly List<CommandDefinition> _commands = [];

    /// <summary>In the order of the help.</summary>
    public IReadOnlyList<CommandDefinition> Commands => _commands;

    /// <summary>What every command takes, but for help and version, which are no settings.</summary>
    public IReadOnlyList<Setting> Common =>
        field ??= [.. CommonDescriptors.Where(static option => option.Name is not ("help" or "version")).Select(ToSetting)];

    /// <summary>All that can be set.</summary>
    public IReadOnlyList<Setting> Settings =>
        field ??= [.. Commands.SelectMany(static command => command.Settings).Concat(Common).Distinct()];

    public Setting SettingOf(string name) => Settings.First(setting => setting.Name == name);

    public CommandDefinition? Find(string name) => _commands.Find(command => command.Name == name);

    public object CreateSet(Type set) => _sets[set].Create();

    public T Bind<T>(Settings settings) where T : ICommandParameterSet =>
        (T)OptionBinder.Bind(SetDescriptor(typeof(T), ""), settings, this)!;

    public static IReadOnlyList<Setting> SettingsOf(IEnumerable<ICommandParameterDescriptor> parameters) =>
        [.. OptionsOf(parameters).Select(ToSetting)];

    /// <summary>What every command takes.</summary>
    public IReadOnlyList<CommandOptionDescriptor> CommonDescriptors =>
        field ??= [.. Members(typeof(CommonOptions)).Select(static member => member.Option)];

    private CommandCatalog With<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>()
        where T : ICommandParameterSet, new()
    {
        _sets.Add(typeof(T), new(static () => new T(), static () => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)));
        return this;
    }

    /// <summary>The name is that of the attribute, which is read only for a command that is asked for.</summary>
    private CommandCatalog Add<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] T>(
        string name, Func<CommandContext, T> create)
        where T : class
    {
        _commands.Add(new(name, () => Describe(typeof(T).GetMethods(Declared)), create));
        return this;
    }

    private CommandDescriptor Describe(MethodInfo[] methods)
    {
        var method = methods.First(static method => method.IsDefined(typeof(CommandAttribute)));
        var command = method.GetCustomAttribute<CommandAttribute>()!;
        List<CommandArgumentDescriptor> arguments = [];
        var parameters = method.GetParameters().Select(ToParameter).ToList();
        return new(
            method, null, command.Name!, command.Aliases, command.Description, [.. method.GetCustomAttributes(inherit: false)], parameters,
            [.. OptionsOf(parameters), .. CommonDescriptors], arguments, [], [], CommandFlags.None, null);

        ICommandParameterDescriptor ToParameter(ParameterInfo parameter)
        {
            var (type, name) = (parameter.ParameterType, parameter.Name!);
            if (_sets.ContainsKey(type))
            {
                return SetDescriptor(type, name);
            }

            if (parameter.GetCustomAttribute<OptionAttribute>() is { } option)
            {
                return ToDescriptor(type, option);
            }

            if (parameter.GetCustomAttribute<ArgumentAttribute>() is not { } argument)
            {
                return new CommandServiceParameterDescriptor(type, name);
            }

            var otherwise = parameter.HasDefaultValue ? new CoconaDefaultValue(null) : CoconaDefaultValue.None;
            arguments.Add(new(type, argument.Name ?? name, arguments.Count, argument.Description, otherwise, []));
            return arguments[^1];
        }
    }

    private static IEnumerable<CommandOptionDescriptor> OptionsOf(IEnumerable<ICommandParameterDescriptor> parameters) =>
        parameters.SelectMany(static parameter => parameter switch
        {
            CommandOptionDescriptor option => [option],
            CommandParameterSetDescriptor set => set.Members.Select(static member => (CommandOptionDescriptor)member.ParameterDescriptor),
            _ => Enumerable.Empty<CommandOptionDescriptor>(),
        });

    private CommandParameterSetDescriptor SetDescriptor(Type type, string name) => new(
        type,
        name,
        [],
        [.. Members(type).Select(static member => new CommandParameterSetMemberDescriptor(member.Option, member.Property.SetValue))]);

    private IReadOnlyList<OptionMember> Members(Type set) => _sets[set].Members;

    private static CommandOptionDescriptor ToDescriptor(Type type, OptionAttribute option) =>
        new(type, option.Name!, option.ShortNames, option.Description, new(null), option.ValueName ?? "", CommandOptionFlags.None, []);

    private static Setting ToSetting(CommandOptionDescriptor option) => new(
        option.Name,
        option.OptionType == typeof(bool) ? SettingKind.Flag : option.OptionType == typeof(string[]) ? SettingKind.List : SettingKind.Value,
        option.ValueName is { Length: > 0 } name ? name : null,
        option.ShortName is [var letter, ..] ? letter : null);

    private sealed record OptionMember(CommandOptionDescriptor Option, PropertyInfo Property);

    private sealed class OptionSet(Func<object> create, Func<PropertyInfo[]> properties)
    {
        public IReadOnlyList<OptionMember> Members => field ??= [.. Describe(properties())];

        public object Create() => create();

        private static IEnumerable<OptionMember> Describe(PropertyInfo[] properties)
        {
            foreach (var property in properties)
            {
                if (property.GetCustomAttribute<OptionAttribute>() is { } option)
                {
                    yield return new(ToDescriptor(property.PropertyType, option), property);
                }
            }
        }
    }
}
