using System.Security.Cryptography;
using PlexSync.Cli.Commands;
using PlexSync.Cli.Configuration;

namespace PlexSync.Cli.Output;

/// <summary>Where <c>-o</c> puts a result: a file, replaced whole or not at all, or standard output.</summary>
internal sealed class OutputFile
{
    public const string StandardOutput = "-";

    private readonly TextWriter _output;

    private OutputFile(string path, TextWriter output)
    {
        Path = path;
        _output = output;
    }

    public string Path { get; }

    /// <summary>The file that was asked for; checked before anybody is asked anything.</summary>
    public static OutputFile Of(Run run)
    {
        var path = run.Settings.Get(Setting.Output) ?? throw new CliException(CliException.Usage, "NoOutput", Setting.Output.Alias);
        if (path == StandardOutput)
        {
            return run.IsJson ? throw new CliException(CliException.Usage, "Output_Twice", Setting.Json.Option) : new OutputFile(path, run.Around.Out);
        }

        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path));
        return Directory.Exists(folder) && !Directory.Exists(path)
            ? new OutputFile(path, run.Around.Out)
            : throw new CliException(CliException.Configuration, "Output_Unwritable", path);
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
            // A device is written to; a link stays one.
            var path = (File.Exists(Path) ? File.ResolveLinkTarget(Path, returnFinalTarget: true)?.FullName : null) ?? System.IO.Path.GetFullPath(Path);
            if (path.StartsWith("/dev/", StringComparison.Ordinal))
            {
                await using var device = new FileStream(path, FileMode.Open, FileAccess.Write);
                await write(device);
                return;
            }

            var draft = $"{path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.draft";
            try
            {
                await using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write))
                {
                    await write(file);
                    file.Flush(flushToDisk: true);
                }

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
