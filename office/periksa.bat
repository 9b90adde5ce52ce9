@echo off
rem Seret folder berisi foto dan keterangan ke berkas ini: foldernya diperiksa, lalu halamannya terbuka.
rem (Drag a folder of drafts onto this file. imgfit is looked for in .venv beside it, then one folder above.)
setlocal DisableDelayedExpansion
set "IMGFIT=%~dp0.venv\Scripts\imgfit.exe"
if not exist "%IMGFIT%" set "IMGFIT=%~dp0..\.venv\Scripts\imgfit.exe"
set "CODE=2"
if not exist "%IMGFIT%" goto missing
if "%~1"=="" goto nothing
rem The point: a path that ends in a backslash, such as D:\, would otherwise eat the closing quote.
set "FOLDER=%~1"
if "%FOLDER:~-1%"=="\" set "FOLDER=%FOLDER%."
"%IMGFIT%" check --lang id --open -- "%FOLDER%"
set "CODE=%ERRORLEVEL%"
goto end

:missing
echo imgfit belum terpasang. Buka Command Prompt di folder imgfit, lalu jalankan:
echo   py -m venv .venv
echo   .venv\Scripts\python -m pip install .
goto end

:nothing
echo Seret sebuah folder ke berkas ini.

:end
rem The window stays, so that what it says can be read.
pause
exit /b %CODE%
