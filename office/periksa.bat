@echo off
rem Seret folder berisi foto dan keterangan ke berkas ini: foldernya diperiksa, lalu halamannya terbuka.
rem (Drag a folder of drafts onto this file; imgfit must be installed in .venv beside it.)
setlocal
chcp 65001 >nul
set "IMGFIT=%~dp0.venv\Scripts\imgfit.exe"
if not exist "%IMGFIT%" (
  echo imgfit belum terpasang di sini. Buka Command Prompt di folder ini, lalu jalankan:
  echo   py -m venv .venv
  echo   .venv\Scripts\pip install FOLDER_IMGFIT
  pause
  exit /b 2
)
if "%~1"=="" (
  echo Seret sebuah folder ke berkas ini.
  pause
  exit /b 2
)
"%IMGFIT%" check --lang id --open "%~1"
set "CODE=%ERRORLEVEL%"
if %CODE% GEQ 2 pause
exit /b %CODE%
