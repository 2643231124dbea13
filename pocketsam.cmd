@echo off
rem Runs the command line of this working copy; builds it first where a source is newer than the last build.
setlocal
set "root=%~dp0"
set "output=%root%src\PocketSam.Cli\bin\Release"
set "program=%output%\net10.0\PocketSam.Cli.dll"
set "stamp=%output%\built"
where dotnet >nul 2>nul
if errorlevel 1 (
    echo the .NET SDK 10 is needed: https://dotnet.microsoft.com/download 1>&2
    exit /b 1
)
if exist "%program%" if exist "%stamp%" (
    powershell -NoProfile -NonInteractive -Command "$built = (Get-Item -LiteralPath $env:stamp).LastWriteTimeUtc; $sources = @('src', 'models', 'Directory.Build.props', 'Directory.Packages.props') | ForEach-Object { Join-Path $env:root $_ } | Where-Object { Test-Path -LiteralPath $_ }; $newer = Get-ChildItem -LiteralPath $sources -Recurse -File | Where-Object { $_.LastWriteTimeUtc -gt $built -and $_.FullName -notmatch '\\(bin|obj)\\' } | Select-Object -First 1; if ($newer) { exit 1 }"
    if not errorlevel 1 goto run
)
echo pocketsam: building (once) ... 1>&2
if not exist "%output%" mkdir "%output%"
rem The stamp is as old as the start of the build: what changes meanwhile is built the next time.
type nul > "%stamp%.new"
dotnet build "%root%src\PocketSam.Cli" -c Release --nologo -v quiet "-clp:ErrorsOnly;NoSummary" 1>&2
if errorlevel 1 (
    echo pocketsam: the build failed 1>&2
    exit /b 1
)
move /y "%stamp%.new" "%stamp%" >nul
:run
dotnet "%program%" %*
