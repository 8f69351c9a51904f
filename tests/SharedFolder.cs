namespace PlexSync.Tests;

/// <summary>The folder of reference material that may lie beside the repository; tests that need it skip where it is absent.</summary>
internal static class SharedFolder
{
    public static string Read(string path)
    {
        var root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "PlexSync.sln")))
        {
            root = Path.GetDirectoryName(root);
        }

        var file = Path.Combine(root ?? ".", "..", "shared", path);
        Assert.SkipUnless(File.Exists(file), $"../shared/{path} is not beside the repository.");
        return File.ReadAllText(file);
    }
}
