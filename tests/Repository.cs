namespace PlexSync.Tests;

/// <summary>The checkout that the tests were built in, and the folder of reference material that may lie beside it.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    /// <summary>The files of code below a folder, by their paths from there.</summary>
    public static IEnumerable<string> FindCode(string folder)
    {
        var root = Path.Combine(Root, folder);
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
            .Where(static path => !path.Split('/').Any(static part => part is "bin" or "obj"));
    }

    /// <summary>A file of the reference material; the test skips where it is absent.</summary>
    public static string ReadShared(string path)
    {
        var file = Path.Combine(Root, "..", "shared", path);
        Assert.SkipUnless(File.Exists(file), $"../shared/{path} is not beside the repository.");
        return File.ReadAllText(file);
    }

    private static string FindRoot()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "PlexSync.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The repository was not found above the tests.");
        }

        return root;
    }
}
