#:property TargetFramework=net10.0
#:property PublishAot=false
#:property EnforceCodeStyleInBuild=false

// What deploy/release.sh needs and no shell does alike on Linux, macOS and Windows:
//   archive FILE PROGRAM OTHER…      a .tar.gz or .zip that is the same again for the same files
//   sbom FILE ASSETS [RID]           completes a CycloneDX list: the runtime that is part of a native program, and no time of day
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

var time = DateTimeOffset.FromUnixTimeSeconds(
    long.Parse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH")!, CultureInfo.InvariantCulture));
switch (args)
{
    case ["archive", var file, .. var files] when file.EndsWith(".zip", StringComparison.Ordinal):
        Zip(file, files, time);
        return 0;
    case ["archive", var file, .. var files]:
        Tar(file, files, time);
        return 0;
    case ["sbom", var file, var assets, var rid]:
        Complete(file, assets, rid, time);
        return 0;
    default:
        Console.Error.WriteLine("release.cs archive FILE PROGRAM OTHER… | sbom FILE ASSETS RID");
        return 2;
}

static void Tar(string file, string[] files, DateTimeOffset time)
{
    using var gzip = new GZipStream(File.Create(file), CompressionLevel.SmallestSize);
    using var tar = new TarWriter(gzip, TarEntryFormat.Ustar);
    foreach (var path in files)
    {
        using var data = File.OpenRead(path);
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, Path.GetFileName(path))
        {
            DataStream = data,
            ModificationTime = time,
            Mode = Mode(path, files),
        });
    }
}

static void Zip(string file, string[] files, DateTimeOffset time)
{
    using var zip = new ZipArchive(File.Create(file), ZipArchiveMode.Create);
    foreach (var path in files)
    {
        var entry = zip.CreateEntry(Path.GetFileName(path), CompressionLevel.SmallestSize);
        entry.LastWriteTime = time;
        entry.ExternalAttributes = (int)Mode(path, files) << 16;
        using var data = File.OpenRead(path);
        using var target = entry.Open();
        data.CopyTo(target);
    }
}

// The first file is the program; modes of the checkout depend on the umask.
static UnixFileMode Mode(string path, string[] files) =>
    (UnixFileMode)Convert.ToInt32(path == files[0] ? "755" : "644", 8);

static void Complete(string file, string assets, string rid, DateTimeOffset time)
{
    var list = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
    list["metadata"]!["timestamp"] = time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
    if (rid.Length > 0)
    {
        AddRuntime(list, assets, $"Microsoft.NETCore.App.Runtime.NativeAOT.{rid}");
    }

    using var target = File.Create(file);
    using var writer = new Utf8JsonWriter(target, new JsonWriterOptions { Indented = true, NewLine = "\n" });
    list.WriteTo(writer);
}

// The runtime is not a package that the project refers to: the SDK chooses its version, and restore notes it as a download.
static void AddRuntime(JsonObject list, string assets, string name)
{
    using var resolved = JsonDocument.Parse(File.ReadAllText(assets));
    var range = resolved.RootElement.GetProperty("project").GetProperty("frameworks").EnumerateObject()
        .SelectMany(framework => framework.Value.GetProperty("downloadDependencies").EnumerateArray())
        .Single(download => download.GetProperty("name").GetString() == name)
        .GetProperty("version").GetString()!;
    var version = range.Trim('[', ']').Split(',')[0];
    var reference = $"pkg:nuget/{name}@{version}";
    list["components"]!.AsArray().Add(new JsonObject
    {
        ["type"] = "framework",
        ["bom-ref"] = reference,
        ["name"] = name,
        ["version"] = version,
        ["scope"] = "required",
        ["licenses"] = new JsonArray(new JsonObject { ["license"] = new JsonObject { ["id"] = "MIT" } }),
        ["purl"] = reference,
    });
    var own = list["metadata"]!["component"]!["bom-ref"]!.GetValue<string>();
    var dependencies = list["dependencies"]!.AsArray();
    dependencies.Single(of => of!["ref"]!.GetValue<string>() == own)!["dependsOn"]!.AsArray().Add(JsonValue.Create(reference));
    dependencies.Add(new JsonObject { ["ref"] = reference });
}
