using System.Security.Cryptography;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Output;

/// <summary>
/// Where <c>-o</c> and <c>--report</c> put a result: a file, replaced whole or not at all; for <c>-o</c> also standard output.
/// </summary>
internal sealed class OutputFile
{
    public const string StandardOutput = "-";

    /// <summary>What a shell calls it where a program insists on a file. It may be a pipe, whose name cannot be opened.</summary>
    private static readonly string[] StandardOutputNames = [StandardOutput, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

    private readonly TextWriter _output;

    private OutputFile(string path, TextWriter output)
    {
        Path = path;
        _output = output;
    }

    public string Path { get; }

    /// <summary>Something is there already that would be lost.</summary>
    public bool ReplacesSomething =>
        Path != StandardOutput && Resolve(Path) is var path && !IsDevice(path) && new FileInfo(path) is { Exists: true, Length: > 0 };

    /// <summary>The file that was asked for; checked before anybody is asked anything.</summary>
    public static OutputFile Of(CommandContext context, Given? output)
    {
        var path = output?.Value ?? throw new CliException(CliException.Usage, "NoOutput", "-o");
        if (IsStandardOutput(path))
        {
            return context.IsJson
                ? throw new CliException(CliException.Usage, "Output_Twice", "--json")
                : new OutputFile(StandardOutput, context.Console.Out);
        }

        RequireWritable(path);
        return new OutputFile(path, context.Console.Out);
    }

    /// <summary>Where the page for a browser goes; null where none was asked for. Checked before anybody is asked anything.</summary>
    /// <param name="context">What the command works with.</param>
    /// <param name="given">Where it is to go.</param>
    /// <param name="file">The file that the command is about.</param>
    public static OutputFile? OfReport(CommandContext context, Given? given, string? file)
    {
        if (given?.Value is not { } path)
        {
            return null;
        }

        if (IsStandardOutput(path))
        {
            throw new CliException(CliException.Usage, "Report_StandardOutput", given.Origin);
        }

        RequireWritable(path);
        var settings = context.Settings;
        foreach (var other in (string?[])[
            file, context.Common.TokenFile?.Value, context.Common.PinFile?.Value, settings.Find("to-token-file")?.Value,
            settings.Folders.ConfigurationFile, settings.Folders.CredentialsFile])
        {
            // It would take the place of the plan, or of what cannot be had again.
            if (other is not null && string.Equals(
                Resolve(path), Resolve(other), OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase))
            {
                throw new CliException(CliException.Usage, "Report_Same", given.Origin, other);
            }
        }

        return new OutputFile(path, context.Console.Out);
    }

    public async Task WriteAsync(Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        if (Path == StandardOutput)
        {
            using var whole = new MemoryStream();
            await write(whole);
            whole.Position = 0;
            using var reader = new StreamReader(whole);
            await _output.WriteAsync((await reader.ReadToEndAsync(cancellationToken)).AsMemory(), cancellationToken);
            return;
        }

        try
        {
            // A device is written to.
            var path = Resolve(Path);
            if (IsDevice(path))
            {
                await using var device = new FileStream(path, FileMode.Open, FileAccess.Write);
                await write(device);
                return;
            }

            var draft = Draft(path);
            try
            {
                await using (var file = new FileStream(draft, Like(path)))
                {
                    await write(file);
                    file.Flush(flushToDisk: true);
                }

                KeepMode(path, draft);
                File.Move(draft, path, overwrite: true);
            }
            finally
            {
                TryDelete(draft);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(CliException.Configuration, "Output_Unwritable", Path);
        }
    }

    /// <summary>The only way to find out is to write there: a run must not find out afterwards.</summary>
    private static void RequireWritable(string path)
    {
        try
        {
            var target = Resolve(path);
            if (Directory.Exists(target))
            {
                throw new IOException();
            }

            if (!IsDevice(target))
            {
                using var draft = new FileStream(
                    Draft(target), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            }
        }
        catch (Exception e) when (TextFile.IsUnusable(e))
        {
            throw new CliException(CliException.Configuration, "Output_Unwritable", path);
        }
    }

    /// <summary>How the draft is made: no more open to others than the file that it replaces.</summary>
    private static FileStreamOptions Like(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows() && File.Exists(path))
        {
            options.UnixCreateMode = File.GetUnixFileMode(path) | UnixFileMode.UserWrite;
        }

        return options;
    }

    /// <summary>Gives the draft back what the umask has taken from it.</summary>
    private static void KeepMode(string path, string draft)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path))
        {
            File.SetUnixFileMode(draft, File.GetUnixFileMode(path));
        }
    }

    public static bool IsStandardOutput(string path) =>
        path == StandardOutput || (!OperatingSystem.IsWindows() && StandardOutputNames.Contains(path));

    /// <summary>What is written in the end: a link stays one. What a shell has opened is only found by the name that it gave.</summary>
    private static string Resolve(string path) => System.IO.Path.GetFullPath(path) is var full && IsDevice(full) ? full
        : (File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName : null) ?? full;

    /// <summary>Shared memory is a folder like any other.</summary>
    public static bool IsDevice(string path) =>
        (path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal))
        || (path.StartsWith("/proc/", StringComparison.Ordinal) && path.Contains("/fd/", StringComparison.Ordinal));

    private static string Draft(string path) => $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.draft";

    private static void TryDelete(string draft)
    {
        try
        {
            File.Delete(draft);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What went wrong is known already.
        }
    }
}
