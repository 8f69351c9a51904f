using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using PlexSync.Hosting;
using PlexSync.Testing;
using PlexSync.Tests;
using static System.StringComparison;

namespace PlexSync.Core.Tests;

/// <summary>The public surface is what the files in <c>api</c> say: a change of it is a decision, made in such a file.</summary>
public sealed class PublicSurfaceTests
{
    private static readonly Assembly Core = typeof(PlexClient).Assembly;
    private static readonly Assembly Hosting = typeof(PlexSyncOptions).Assembly;
    private static readonly Assembly Testing = typeof(PlexSimulator).Assembly;

    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static TheoryData<Assembly> Packages => [Core, Hosting, Testing];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Public_surface_is_the_approved_one(Assembly package)
    {
        var actual = Describe(package);
        var file = Path.Combine(Repository.Root, "api", $"{package.GetName().Name}.txt");
        var approved = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        if (actual != approved)
        {
            // Beside the approved file, ready to be compared and taken over.
            File.WriteAllText(Path.ChangeExtension(file, ".received.txt"), actual);
        }

        Assert.Equal(approved, actual);
    }

    /// <summary>A test uses both namespaces.</summary>
    [Fact]
    public void Types_for_tests_have_names_that_no_other_type_has()
    {
        var names = Core.GetExportedTypes().Concat(Hosting.GetExportedTypes()).Select(static type => type.Name);

        Assert.Empty(Testing.GetExportedTypes().Select(static type => type.Name).Intersect(names));
    }

    /// <summary>Clients in other languages and frameworks use it as well.</summary>
    [Fact]
    public void Simulator_shows_only_types_of_its_own_and_of_the_runtime()
    {
        var shown = Testing.GetExportedTypes().Where(static type => type != typeof(MemoryStore) && type != typeof(SyncStoreConformance))
            .SelectMany(static type => type.GetMembers(Everything).SelectMany(TypesOf)).SelectMany(Parts).Distinct();

        Assert.DoesNotContain(shown, type => type.Assembly != Testing && !type.Assembly.GetName().Name!.StartsWith("System.", Ordinal));
    }

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(static parameter => parameter.ParameterType)],
        ConstructorInfo constructor => constructor.GetParameters().Select(static parameter => parameter.ParameterType),
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type) =>
        [type.IsGenericParameter ? typeof(object) : type.GetElementType() ?? type, .. type.GetGenericArguments().SelectMany(Parts)];

    private static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Kind(type)} {type.FullName}{Bases(type)}\n");
            var members = type.GetMembers(Everything)
                .Where(member => member is not (MethodInfo { IsSpecialName: true } or Type) && !IsGenerated(member))
                .Select(member => Describe(member, type.IsEnum))
                .Order(StringComparer.Ordinal);
            foreach (var member in members)
            {
                text.Append(CultureInfo.InvariantCulture, $"    {member}\n");
            }
        }

        return text.ToString();
    }

    private static bool IsGenerated(MemberInfo member) =>
        member.GetCustomAttribute<CompilerGeneratedAttribute>() is not null || member.Name is "value__" or "<Clone>$"
        || member is MethodInfo { Name: "ToString" or "GetHashCode" or "Equals" or "Deconstruct" or "PrintMembers" };

    private static string Kind(Type type) =>
        type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct"
        : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsSealed ? "sealed class" : "class";

    private static string Bases(Type type)
    {
        var bases = new[] { type.BaseType }
            .Where(parent => parent is not null && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum))
            .Concat(
                type.GetInterfaces()
                    .Where(contract => contract.Namespace != "System" || !contract.Name.StartsWith("IEquatable", StringComparison.Ordinal)))
            .Where(parent => !type.IsEnum && parent != typeof(System.Runtime.Serialization.ISerializable))
            .Select(parent => Name(parent!))
            .ToList();
        return bases.Count == 0 ? "" : $" : {string.Join(", ", bases)}";
    }

    private static string Describe(MemberInfo member, bool isEnum) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        PropertyInfo property => $"{Static(property.GetMethod!)}{Name(property.PropertyType)} {property.Name} {{ get;{Setter(property)} }}",
        MethodInfo method => $"{Static(method)}{Name(method.ReturnType)} {method.Name}({Parameters(method)})",
        FieldInfo field when isEnum => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}",
        FieldInfo field => $"{(field.IsLiteral ? "const " : "static readonly ")}{Name(field.FieldType)} {field.Name}",
        _ => member.ToString()!,
    };

    private static string Setter(PropertyInfo property) =>
        property.SetMethod is not { IsPublic: true } setter ? ""
        : setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;";

    private static string Static(MethodInfo method) => method.IsStatic ? "static " : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(parameter.IsOut ? "out " : parameter.IsIn ? "in " : "")}{Name(parameter.ParameterType)} {parameter.Name}"
        + (parameter.HasDefaultValue ? " = default" : "")));

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!);
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{Name(underlying)}?";
        }

        return type.IsGenericType
            ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}"
                + $"<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : type.Name;
    }
}
