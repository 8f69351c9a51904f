<#
.SYNOPSIS
Installs plexsync for the user who runs this; no administrator is needed.
.DESCRIPTION
The files of a release are RELEASES/download/vVERSION/FILE, and RELEASES/latest/download/SHA256SUMS names the latest, as on GitHub. Only what
has the checksum of SHA256SUMS is installed. After a failure everything is as it was before.
.PARAMETER Version
That version instead of the latest; else PLEXSYNC_VERSION.
.PARAMETER To
Where the program goes; else PLEXSYNC_INSTALL, else %LOCALAPPDATA%\Programs\plexsync.
.PARAMETER Releases
Where the releases are; else PLEXSYNC_RELEASES.
#>
param(
    [string] $Version = $env:PLEXSYNC_VERSION,
    [string] $To = $env:PLEXSYNC_INSTALL,
    [string] $Releases = $env:PLEXSYNC_RELEASES
)

# In a block of its own: nothing of it stays in the session of somebody who pipes this script into Invoke-Expression.
& {
    Set-StrictMode -Version 3.0
    $ErrorActionPreference = 'Stop'
    # Windows PowerShell draws its progress so slowly that it multiplies the time of a download.
    $ProgressPreference = 'SilentlyContinue'
    # Nor does it offer TLS 1.2 by itself on older systems.
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

    function Get-File([string] $Address, [string] $File) {
        try { Invoke-WebRequest -UseBasicParsing -Uri $Address -OutFile $File }
        catch { throw "$Address cannot be downloaded; nothing is installed. $($_.Exception.Message)" }
    }

    $work = Join-Path ([IO.Path]::GetTempPath()) "plexsync-$([Guid]::NewGuid().ToString('N'))"
    $made = $null
    $staged = $null
    try {
        if (-not $Releases) { throw 'Say where the releases are: -Releases ADDRESS, or $env:PLEXSYNC_RELEASES.' }
        if (-not $To) { $To = Join-Path $env:LOCALAPPDATA 'Programs\plexsync' }
        $Releases = $Releases.TrimEnd('/')
        $Version = $Version -replace '^v', ''

        # A 32-bit PowerShell on a 64-bit Windows says so in a variable of its own. Windows on Arm runs programs for x64.
        $machine = if ($env:PROCESSOR_ARCHITEW6432) { $env:PROCESSOR_ARCHITEW6432 } else { $env:PROCESSOR_ARCHITECTURE }
        if ($machine -notin 'AMD64', 'ARM64') { throw "There is no program for Windows on $machine. With the .NET SDK: dotnet tool install --global plexsync" }

        New-Item -ItemType Directory -Path $work | Out-Null
        $list = if ($Version) { "$Releases/download/v$Version/SHA256SUMS" } else { "$Releases/latest/download/SHA256SUMS" }
        Get-File $list (Join-Path $work 'SHA256SUMS')
        $line = Get-Content (Join-Path $work 'SHA256SUMS') |
            Select-String -CaseSensitive '^([0-9a-f]{64}) [ *]plexsync-([0-9][0-9A-Za-z.+-]*)-win-x64\.zip$' | Select-Object -First 1
        if (-not $line) { throw "This release has no program for win-x64 ($list)." }
        $sum = $line.Matches[0].Groups[1].Value
        $found = $line.Matches[0].Groups[2].Value
        if ($Version -and $found -ne $Version) { throw "$list is that of version $found." }

        $address = "$Releases/download/v$found/plexsync-$found-win-x64.zip"
        $archive = Join-Path $work 'plexsync.zip'
        Get-File $address $archive
        if ((Get-FileHash -Algorithm SHA256 -LiteralPath $archive).Hash -ne $sum) { throw "$address does not have the checksum of SHA256SUMS: not installed." }
        Expand-Archive -LiteralPath $archive -DestinationPath (Join-Path $work 'content')
        $program = Join-Path $work 'content\plexsync.exe'
        if (-not (Test-Path -LiteralPath $program)) { throw "$address does not hold the program: not installed." }

        if (-not (Test-Path -LiteralPath $To)) {
            $made = $To
            while (-not (Test-Path -LiteralPath (Split-Path $made))) { $made = Split-Path $made }
            New-Item -ItemType Directory -Path $To | Out-Null
        }
        $target = Join-Path $To 'plexsync.exe'
        $staged = Join-Path $To ".plexsync.$PID.exe"
        Copy-Item -LiteralPath $program -Destination $staged
        & $staged --version | Out-Null
        if ($LASTEXITCODE -ne 0) { throw "The program does not run here (exit code $LASTEXITCODE)." }
        # A program that runs cannot be replaced on Windows, but renamed.
        $old = Join-Path $To '.plexsync.old.exe'
        Remove-Item -LiteralPath $old -Force -ErrorAction SilentlyContinue
        if (Test-Path -LiteralPath $target) { Move-Item -LiteralPath $target -Destination $old -Force }
        try { Move-Item -LiteralPath $staged -Destination $target }
        catch {
            if (Test-Path -LiteralPath $old) { Move-Item -LiteralPath $old -Destination $target }
            throw
        }
        Remove-Item -LiteralPath $old -Force -ErrorAction SilentlyContinue
        $staged = $null
        $made = $null
    }
    catch {
        # One sentence, without the lines of this script. Piped into Invoke-Expression, exit would close the user's window.
        [Console]::Error.WriteLine("install.ps1: $($_.Exception.Message)")
        $global:LASTEXITCODE = 1
        if ($PSCommandPath) { exit 1 }
        return
    }
    finally {
        if ($staged) { Remove-Item -LiteralPath $staged -Force -ErrorAction SilentlyContinue }
        if ($made) { Remove-Item -LiteralPath $made -Recurse -Force -ErrorAction SilentlyContinue }
        Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction SilentlyContinue
    }

    "plexsync $found is installed: $target"
    if (($env:PATH -split [IO.Path]::PathSeparator) -contains $To) { 'Begin with: plexsync setup' }
    else {
        "$To is not in your PATH. This adds it for you, in every new window:"
        ''
        "    [Environment]::SetEnvironmentVariable('Path', [Environment]::GetEnvironmentVariable('Path', 'User') + ';$To', 'User')"
    }
}
