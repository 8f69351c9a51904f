using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace PlexSync.Core.Tests;

/// <summary>The examples that editors show for the entrances of the library: each is there, and compiles.</summary>
public sealed class ExampleTests
{
    /// <summary>What people call first; each has an example in its documentation.</summary>
    private static readonly string[] Entrances =
    [
        "T:PlexSync.PlexClient", "M:PlexSync.PlexClient.SignInAsync", "M:PlexSync.PlexClient.RequestLinkAsync",
        "M:PlexSync.PlexClient.FindServerAsync", "M:PlexSync.PlexClient.ConnectAsync",
        "T:PlexSync.HomeUserSwitcher", "T:PlexSync.PlexServer", "M:PlexSync.PlexServer.SearchAsync",
        "M:PlexSync.PlexServer.GetHistoryAsync", "M:PlexSync.PlexServer.ListenAsync",
        "T:PlexSync.WatchStateSynchronizer", "M:PlexSync.WatchStateSynchronizer.PlanAsync",
        "M:PlexSync.WatchStateSynchronizer.PlanMergeAsync", "M:PlexSync.WatchStateSynchronizer.PlanMarkAsync",
        "M:PlexSync.WatchStateSynchronizer.PlanUndoAsync", "M:PlexSync.WatchStateSynchronizer.PlanRestoreAsync",
        "M:PlexSync.WatchStateSynchronizer.PlanImportAsync", "T:PlexSync.TautulliClient", "T:PlexSync.TautulliHistory",
        "M:PlexSync.WatchStateSynchronizer.ExplainAsync", "T:PlexSync.IConflictPolicy", "T:PlexSync.FileStore",
        "T:PlexSync.LiveSynchronizer", "T:PlexSync.PlexException", "T:PlexSync.SyncPlan",
        "T:Microsoft.Extensions.DependencyInjection.PlexSyncServiceCollectionExtensions",
    ];

    private static readonly Lazy<List<(string Member, string Code)>> Examples = new(Read);

    private static readonly Lazy<IReadOnlyList<MetadataReference>> References = new(static () =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(static file => MetadataReference.CreateFromFile(file))]);

    public static TheoryData<string> Members => [.. Examples.Value.Select(static example => example.Member)];

    [Fact]
    public void Every_entrance_has_an_example() => Assert.Equal(
        Entrances, Entrances.Intersect(Examples.Value.Select(static example => example.Member.Split('(')[0])));

    [Theory]
    [MemberData(nameof(Members))]
    public void Example_compiles(string member)
    {
        var (_, code) = Examples.Value.First(example => example.Member == member);
        var isType = code.Contains("class ", StringComparison.Ordinal);
        var tree = CSharpSyntaxTree.ParseText($$"""
            using System; using System.Collections.Generic; using System.IO; using System.Linq; using System.Net.Http;
            using System.Threading; using System.Threading.Tasks; using Microsoft.Extensions.DependencyInjection; using PlexSync;
            {{(isType ? code : $$"""
            internal static class Example
            {
                public static async Task RunAsync(
                    string token, string key, string folder, HttpClient httpClient, PlexClient plex, PlexAccount owner, PlexServer server,
                    PlexServer kid, PlexServer teen, WatchStateSynchronizer synchronizer, ISyncStore store, IServiceCollection services,
                    CancellationToken stopping)
                {
                    await Task.Yield();
                    {{code}}
                }
            }
            """)}}
            """);
        var compiled = CSharpCompilation.Create(
            "Example", [tree], References.Value, new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

        Assert.Empty(compiled.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(static diagnostic => diagnostic.Severity is DiagnosticSeverity.Error).Select(static diagnostic => $"{diagnostic}"));
    }

    private static List<(string Member, string Code)> Read()
    {
        var documentation = Path.ChangeExtension(typeof(PlexClient).Assembly.Location, ".xml");
        return XDocument.Load(documentation).Descendants("member")
            .SelectMany(
                static member => member.Elements("example").Elements("code"),
                static (member, code) => (member.Attribute("name")!.Value, code.Value))
            .ToList();
    }
}
