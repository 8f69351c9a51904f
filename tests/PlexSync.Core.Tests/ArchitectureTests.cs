using PlexSync.Tests;

namespace PlexSync.Core.Tests;

/// <summary>
/// Which folder of Core may use which. A folder is added to the table with what it may use; an arrow that is not there is a decision, not
/// an oversight.
/// </summary>
public sealed class ArchitectureTests
{
    private const string Code = "src/PlexSync.Core";

    /// <summary>PlexClient and HomeUserSwitcher, what callers begin with; and what connects for them.</summary>
    private const string Root = "(root)";

    /// <summary>What callers of a sync see; the class that does it is apart.</summary>
    private const string Contract = "Synchronization";
    private const string Entrance = "WatchStateSynchronizer";

    /// <summary>From the ground up: each uses what stands behind it here, and nothing else.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Serialization"] = [],
        ["Identifiers"] = ["Serialization"],
        ["Http"] = ["Identifiers", "Serialization"],
        ["Accounts"] = ["Http", "Identifiers", "Serialization"],
        ["Servers"] = ["Accounts", "Http", "Identifiers", "Serialization"],
        ["Policies"] = ["Servers", "Serialization"],
        [Contract] = ["Policies", "Servers", "Accounts", "Http", "Identifiers", "Serialization"],
        ["Formats"] = ["Policies", Contract, "Servers", "Accounts", "Http", "Identifiers", "Serialization"],
        ["Diagnostics"] = [Contract, "Servers", "Http", "Identifiers", "Serialization"],
        ["Remembering"] = ["Formats", Contract, "Servers", "Accounts", "Http", "Identifiers", "Serialization"],
        ["Reading"] =
            ["Remembering", "Formats", "Diagnostics", "Policies", Contract, "Servers", "Accounts", "Http", "Identifiers", "Serialization"],
        ["Importing"] = ["Reading", "Formats", Contract, "Servers", "Accounts", "Http", "Identifiers", "Serialization"],
        ["Matching"] = ["Reading", "Remembering", "Policies", Contract, "Servers", "Accounts", "Identifiers", "Serialization"],
        ["Planning"] =
        [
            "Matching", "Reading", "Remembering", "Importing", "Formats", "Policies", "Diagnostics", Contract, "Servers", "Accounts",
            "Http", "Identifiers", "Serialization",
        ],
        ["Applying"] =
            ["Planning", "Matching", "Reading", "Remembering", "Diagnostics", Contract, "Servers", "Http", "Identifiers", "Serialization"],
        [Entrance] =
        [
            "Applying", "Planning", "Matching", "Reading", "Remembering", "Importing", "Formats", "Policies", "Diagnostics", Contract,
            "Servers", "Accounts", "Http", "Identifiers", "Serialization",
        ],
        ["Live"] = [Entrance, "Remembering", "Reading", Contract, "Servers", "Http", "Identifiers", "Serialization"],
        [Root] = ["Live", Contract, "Servers", "Accounts", "Http", "Identifiers", "Serialization"],
        ["DependencyInjection"] = [Entrance, Root, "Http"],
    };

    [Fact]
    public void Folders_use_only_what_they_may()
    {
        var arrows = FindArrows();

        Assert.Empty(arrows.Where(static arrow => !Allowed.GetValueOrDefault(arrow.From, []).Contains(arrow.To))
            .Select(static arrow => $"{arrow.From} -> {arrow.To}: {arrow.Use}"));
    }

    [Fact]
    public void Table_names_every_folder_and_has_no_circle()
    {
        var folders = Allowed.Keys.ToList();

        Assert.All(
            Allowed.SelectMany(static pair => pair.Value, static (pair, to) => (From: pair.Key, To: to)),
            arrow => Assert.True(folders.IndexOf(arrow.To) < folders.IndexOf(arrow.From), $"{arrow}"));
        Assert.Equal(folders.Order(), FindArrows().SelectMany(static arrow => new[] { arrow.From, arrow.To }).Distinct().Order());
    }

    private static List<CodeArrow> FindArrows() => CodeArrows.Find(Code, FolderOf);

    private static string FolderOf(string path) => path.Split('/') switch
    {
        [_] => Root,
        ["Synchronization", var file] => file.StartsWith(Entrance, StringComparison.Ordinal) ? Entrance : Contract,
        ["Synchronization", var folder, ..] => folder,
        [var folder, ..] => folder,
        [] => "",
    };
}
