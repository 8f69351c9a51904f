using System.Text.RegularExpressions;

namespace PlexSync.Tests;

/// <summary>Which folder of a project uses which, by the names of the types in its code.</summary>
internal static partial class CodeArrows
{
    /// <summary>Finds the uses of types of one folder in the code of another.</summary>
    /// <param name="project">The folder of the project.</param>
    /// <param name="folderOf">The folder of a file, as the table calls it; null for a file that belongs to none.</param>
    public static List<CodeArrow> Find(string project, Func<string, string?> folderOf)
    {
        var code = Repository.FindCode(project)
            .Select(path => (Path: path, Folder: folderOf(path), Text: Noise().Replace(Repository.Read($"{project}/{path}"), "")))
            .Where(static file => file.Folder is not null)
            .Select(static file => (file.Path, Folder: file.Folder!, file.Text))
            .ToList();
        // A class in parts is at home where the part lies that is named after it.
        var homes = code.SelectMany(
            static file => Declarations().Matches(file.Text), static (file, type) => (Name: type.Groups[1].Value, file.Folder, file.Path))
            .GroupBy(static type => type.Name)
            .SelectMany(static parts => parts.Where(part => part.Path.EndsWith($"/{part.Name}.cs", StringComparison.Ordinal)) is var main
                && main.Any() ? main : parts)
            .ToLookup(static type => type.Name, static type => type.Folder);
        return
        [
            .. code.SelectMany(file => Names().Matches(file.Text).Select(static name => name.Value).Distinct()
                .SelectMany(name => homes[name].Distinct().Where(home => home != file.Folder), (name, home) =>
                    new CodeArrow(file.Folder, home, $"{file.Path} uses {name}"))),
        ];
    }

    /// <summary>Comments and texts.</summary>
    [GeneratedRegex("""//[^\n]*|\"\"\"(?s:.*?)\"\"\"|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])*'""")]
    private static partial Regex Noise();

    /// <summary>Types that are not within others.</summary>
    [GeneratedRegex(@"^(?:public|internal)[\w ]* (?:class|struct|record struct|record|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declarations();

    /// <summary>What is no member of something else.</summary>
    [GeneratedRegex(@"(?<![.\w])[A-Z]\w+")]
    private static partial Regex Names();
}

/// <summary>A use of one folder by another.</summary>
internal sealed record CodeArrow(string From, string To, string Use);
