using PlexSync.Tests;

namespace PlexSync.Cli.Tests;

/// <summary>A document that a test writes from real output, so that it cannot rot.</summary>
internal static class GeneratedDocument
{
    /// <summary>Fails where the document says something else; what it should say then lies beside it.</summary>
    public static void AssertIs(string document, string actual)
    {
        var file = Path.Combine(Repository.Root, document);
        var received = Path.ChangeExtension(file, ".received.md");
        File.Delete(received);
        if (!File.Exists(file) || Repository.Read(document) != actual)
        {
            File.WriteAllText(received, actual);
            Assert.Fail($"{document} is out of date. Read {received}; if it is right, move it there: mv {received} {file}");
        }
    }
}
